import { z } from 'zod';
import type { ContactCard, ContactsContent } from '../domain/message';

const optional = z.string().optional();

const contactShape = z
  .strictObject({
    name: z.strictObject({
      formatted_name: z.string(),
      first_name: optional,
      middle_name: optional,
      last_name: optional,
      prefix: optional,
      suffix: optional,
    }),
    phones: z
      .array(z.strictObject({ phone: optional, type: optional, wa_id: optional }))
      .optional(),
    emails: z.array(z.strictObject({ email: z.string(), type: optional })).optional(),
    urls: z.array(z.strictObject({ url: z.string(), type: optional })).optional(),
    addresses: z
      .array(
        z.strictObject({
          street: optional,
          city: optional,
          state: optional,
          zip: optional,
          country: optional,
          country_code: optional,
          type: optional,
        }),
      )
      .optional(),
    org: z.strictObject({ company: optional, department: optional, title: optional }).optional(),
    birthday: optional,
  })
  .transform(readContact);

/** The contacts of a message, as the Cloud API writes them in both directions. */
export const contactsShape = z
  .array(contactShape)
  .transform((contacts): ContactsContent => ({ type: 'contacts', contacts }));

interface RawContact {
  name: {
    formatted_name: string;
    first_name?: string;
    middle_name?: string;
    last_name?: string;
    prefix?: string;
    suffix?: string;
  };
  phones?: { phone?: string; type?: string; wa_id?: string }[];
  emails?: ContactCard['emails'];
  urls?: ContactCard['urls'];
  addresses?: { country_code?: string }[];
  org?: ContactCard['org'];
  birthday?: string;
}

function readContact({ name, phones, addresses, ...rest }: RawContact): ContactCard {
  const { formatted_name, first_name, middle_name, last_name, prefix, suffix } = name;
  return {
    name: {
      formattedName: formatted_name,
      firstName: first_name,
      middleName: middle_name,
      lastName: last_name,
      prefix,
      suffix,
    },
    ...(phones && {
      phones: phones.map(({ phone, type, wa_id }) => ({ phone: phone ?? '', type, waId: wa_id })),
    }),
    ...(addresses && {
      addresses: addresses.map(({ country_code, ...address }) => ({
        ...address,
        countryCode: country_code,
      })),
    }),
    ...rest,
  };
}
