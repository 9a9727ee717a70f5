import { intentOf } from '../../domain/inbound';
import { optOutIntent } from '../../domain/optOut';

test.each([
  'STOP',
  'stop',
  '  Stop!! ',
  '"STOP"',
  'stop 🛑',
  'ＳＴＯＰ',
  'S\u0074op\n',
  'Unsubscribe',
  'opt-out',
  'opt  out',
  'Stop promotions',
  'Baja',
  'No mas mensajes',
  'no más mensajes.',
  'Cancelar suscripcion',
  'SAIR',
  'Arrêt',
  'arret',
  'Désabonner',
  'desabonner',
  'Abmelden',
  'ABBESTELLEN',
  'Annulla iscrizione',
  'İPTAL',
  'iptal',
  'Abonelikten çık',
  'abonelikten cik',
  'Berhenti',
  'СТОП',
  'توقف',
  'إلغاء الاشتراك',
  'बंद करें',
  'रोकें।',
  '停止',
  '수신거부',
])('%p opts out', (text) => {
  expect(optOutIntent(text)).toBe('stop');
});

test.each(['START', ' start. ', 'unstop', 'Alta', 'Démarrer', 'Başla', 'शुरू करें', 'ابدأ'])(
  '%p opts in again',
  (text) => {
    expect(optOutIntent(text)).toBe('start');
  },
);

test.each([
  '',
  ' ',
  '!!!',
  "please don't stop",
  'stop by tomorrow',
  'nonstop',
  'stopover',
  'bus stop',
  'When do you start?',
  'बंदर',
  'st op',
  `stop ${'very '.repeat(30)}much`,
])('%p is neither', (text) => {
  expect(optOutIntent(text)).toBeNull();
});

describe('a button', () => {
  const tap = (text: string, payload = text) =>
    intentOf({ type: 'button', contextWamid: null, raw: { button: { text, payload } } });

  test('says it in its text or its payload', () => {
    expect(tap('Stop promotions')).toBe('stop');
    expect(tap('No, thanks', 'STOP')).toBe('stop');
    expect(tap('Subscribe')).toBe('start');
  });

  test('that cancels an order or starts a survey is about the order or the survey', () => {
    expect(tap('Cancel')).toBeNull();
    expect(tap('Start')).toBeNull();
    expect(optOutIntent('Cancel')).toBe('stop');
  });

  test('of an interactive message counts, a row of a list does not', () => {
    const interactive = (reply: object) =>
      intentOf({ type: 'interactive', contextWamid: null, raw: { interactive: reply } });
    expect(interactive({ button_reply: { id: '1', title: 'Stop' } })).toBe('stop');
    expect(interactive({ list_reply: { id: '1', title: 'Stop' } })).toBeNull();
  });
});

test('other messages never opt out, whatever their captions say', () => {
  const raw = { image: { caption: 'STOP' }, text: 'STOP', system: { body: 'STOP' } };
  for (const type of ['image', 'system', 'text', 'hologram']) {
    expect(intentOf({ type, contextWamid: null, raw })).toBeNull();
  }
});
