import { z } from 'zod';
import { LIBRARY_BUTTONS, type LibraryRequest } from '../domain/templateLibrary';

/** Templates of WhatsApp's library, in the words of its template endpoint. */

const upper = z.string().transform((word) => word.toUpperCase());

const buttonInput = z.looseObject({
  type: upper.pipe(z.enum(LIBRARY_BUTTONS)),
  url: z
    .looseObject({ base_url: z.string(), url_suffix_example: z.string().optional() })
    .optional(),
  phone_number: z.string().optional(),
  otp_type: upper.pipe(z.enum(['COPY_CODE', 'ONE_TAP', 'ZERO_TAP'])).optional(),
  zero_tap_terms_accepted: z.boolean().optional(),
  supported_apps: z
    .array(z.looseObject({ package_name: z.string(), signature_hash: z.string() }))
    .optional(),
});

const bodyInputs = z.looseObject({
  add_contact_number: z.boolean().optional(),
  add_learn_more_link: z.boolean().optional(),
  add_security_recommendation: z.boolean().optional(),
  add_track_package_link: z.boolean().optional(),
  code_expiration_minutes: z.int().min(1).max(90).optional(),
});

/** The parameters of a request that take a template from the library. */
export const libraryParameters = {
  library_template_name: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Of a template of WhatsApp’s library, in place of `components`.' }),
  library_template_button_inputs: z
    .array(buttonInput)
    .optional()
    .meta({ description: 'Where the buttons of the library’s template lead, in their order.' }),
  library_template_body_inputs: bodyInputs.optional(),
};

export function libraryBody({ name, buttonInputs, bodyInputs: body }: LibraryRequest): object {
  return {
    library_template_name: name,
    ...(buttonInputs && { library_template_button_inputs: buttonInputs }),
    ...(body && { library_template_body_inputs: body }),
  };
}
