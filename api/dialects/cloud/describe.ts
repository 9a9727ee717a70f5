import { z } from 'zod';
import { graphErrorSchema } from '../../../wire/graphError';
import { json, type Body, type Operation, type Route } from '../../openapi/operation';
import { VERSION, type Place } from './place';

const version = z.string().regex(VERSION).meta({ description: 'Of the Graph API; any will do.' });

type Described = Readonly<Record<Route, Operation>>;

/** Operations at the edges of a number, where the place has them. */
export function ofNumber(place: Place, list: Described): Described {
  return Object.fromEntries(
    Object.entries(list).map(([route, operation]) => {
      const [method = '', edge = ''] = route.split(' /');
      return [`${method} ${place.ofNumber(`/${edge}`)}`, operation];
    }),
  );
}

/** Parameters of the paths of both places; those that a path does not have are left out. */
export const numberParams = z.object({
  version,
  phone_number_id: z.string().meta({ description: "The provider's id of the number." }),
});

export const businessParams = z.object({
  version,
  waba_id: z.string().meta({ description: "The provider's id of the business account." }),
});

export const nodeParams = z.object({ version, node: z.string() });

export const success = z.object({ success: z.literal(true) }).meta({ id: 'CloudSuccess' });

/** What can be wrong wherever a number's provider is asked. */
export const PROVIDER_ERRORS = [
  'message_sender_required',
  'message_sender_unknown',
  'sender_not_found',
  'provider_refused',
  'provider_unavailable',
] as const;

/** What WhatsApp refuses is answered with its code, and with the status that belongs to the code. */
export const REFUSALS: Readonly<Record<number, Body>> = {
  404: json(graphErrorSchema, 'For example `132001`'),
  503: json(graphErrorSchema, 'For example `133004`'),
};
