import type { Sender } from '../../../db/schema';
import type { SenderHealth } from '../../../domain/ports';
import type { HealthAnswer } from './numberOperations';
import { numberIdOf } from './place';

type Verdict = HealthAnswer['can_send_message'];

const VERDICTS: Readonly<Record<SenderHealth['canSend'], Verdict>> = {
  available: 'AVAILABLE',
  limited: 'LIMITED',
  blocked: 'BLOCKED',
};

/** The entities that messages of a number involve, each with what stands in its way; the worst of them is the verdict. */
export function renderHealth(sender: Sender, { canSend, problems }: SenderHealth): HealthAnswer {
  const ids = new Map([
    ['PHONE_NUMBER', numberIdOf(sender)],
    ['WABA', sender.waba_id ?? ''],
  ]);
  const types = new Set([...ids.keys(), ...problems.map(({ entity }) => entity)]);
  return {
    can_send_message: VERDICTS[canSend],
    entities: [...types].map((type) => {
      const own = problems.filter(({ entity }) => entity === type);
      return { entity_type: type, id: ids.get(type) ?? '', ...renderProblems(own) };
    }),
  };
}

/** What has a code blocks, a mere sentence limits. */
function renderProblems(problems: SenderHealth['problems']) {
  const errors = problems.flatMap(({ code, detail }) =>
    code === null ? [] : [{ error_code: code, error_description: detail, possible_solution: '' }],
  );
  const info = problems.flatMap(({ code, detail }) => (code === null ? [detail] : []));
  const verdict: Verdict =
    errors.length > 0 ? 'BLOCKED' : info.length > 0 ? 'LIMITED' : 'AVAILABLE';
  return {
    can_send_message: verdict,
    ...(info.length > 0 && { additional_info: info }),
    ...(errors.length > 0 && { errors }),
  };
}
