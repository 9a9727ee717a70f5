import { BUSINESS_PLACE } from '../domain/webhook';

/** Which numbers' events `s` an endpoint `w` hears of, as SQL. */

/** The number that the event is about; of templates without a number, that of the endpoint. */
export const SENDER_OF_EVENT = `coalesce(
  (SELECT sender_id FROM messages WHERE id = s.message_id),
  (SELECT sender_id FROM campaigns WHERE id = s.campaign_id),
  (SELECT sender_id FROM conversations WHERE id = s.conversation_id),
  (SELECT coalesce(sender_id, w.sender_id) FROM templates WHERE id = (s.data ->> 'template_id')::uuid))`;

/** What was configured for a business account hears of its numbers alone, and of what belongs to no number. */
const OF_BUSINESS = `CASE WHEN starts_with(w.place, '${BUSINESS_PLACE}') THEN coalesce((
  SELECT n.waba_id IS NOT DISTINCT FROM substr(w.place, ${BUSINESS_PLACE.length + 1})
  FROM senders n WHERE n.id = ${SENDER_OF_EVENT}), true) ELSE true END`;

export const REACHES = `(w.sender_id IS NULL OR w.sender_id = ${SENDER_OF_EVENT}) AND ${OF_BUSINESS}`;
