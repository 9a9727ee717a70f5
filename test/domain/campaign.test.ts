import {
  allowedFrom,
  CAMPAIGN_STATUSES,
  isFinished,
  resultOf,
  type CampaignEvent,
  type CampaignStatus,
} from '../../domain/campaign';

/** For each event the state it leads to from each state; a dash where it is refused. */
const TABLE: Record<CampaignEvent, Record<CampaignStatus, CampaignStatus | '-'>> = {
  reschedule: row('scheduled', '-', '-', '-', '-', '-'),
  begin: row('in_progress', 'in_progress', '-', '-', '-', '-'),
  pause: row('paused', 'paused', '-', '-', '-', '-'),
  hold: row('-', '-', 'paused', '-', '-', '-'),
  resume: row('-', '-', 'in_progress', '-', '-', '-'),
  wait_again: row('-', '-', 'scheduled', '-', '-', '-'),
  cancel: row('canceled', 'canceled', 'canceled', '-', '-', '-'),
  complete: row('-', 'completed', '-', '-', '-', '-'),
  fail: row('failed', 'failed', 'failed', '-', '-', '-'),
  reopen: row('-', 'in_progress', '-', 'in_progress', '-', '-'),
};

function row(
  scheduled: CampaignStatus | '-',
  in_progress: CampaignStatus | '-',
  paused: CampaignStatus | '-',
  completed: CampaignStatus | '-',
  canceled: CampaignStatus | '-',
  failed: CampaignStatus | '-',
): Record<CampaignStatus, CampaignStatus | '-'> {
  return { scheduled, in_progress, paused, completed, canceled, failed };
}

const EVENTS: CampaignEvent[] = [
  'reschedule',
  'begin',
  'pause',
  'hold',
  'resume',
  'wait_again',
  'cancel',
  'complete',
  'fail',
  'reopen',
];

const cases = EVENTS.flatMap((event) =>
  CAMPAIGN_STATUSES.map((from) => ({ event, from, to: TABLE[event][from] })),
);

test.each(cases)('$event when $from leads to $to', ({ event, from, to }) => {
  expect(allowedFrom(event).includes(from) ? resultOf(event) : '-').toBe(to);
});

test('completed, canceled and failed are finished, and only a completed campaign can be opened again', () => {
  expect(CAMPAIGN_STATUSES.filter(isFinished)).toEqual(['completed', 'canceled', 'failed']);
  const leaving = EVENTS.filter((event) => allowedFrom(event).some(isFinished));
  expect(leaving).toEqual(['reopen']);
});
