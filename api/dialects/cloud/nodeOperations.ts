import { z } from 'zod';
import { json, operations } from '../../openapi/operation';
import { nodeParams, PROVIDER_ERRORS, REFUSALS, success } from './describe';
import { media, mediaQuery } from './mediaOperations';
import { number } from './numberOperations';
import { metaTemplate } from './templateSchema';

export const nodeOperations = operations('Cloud API objects', {
  'GET /:version/:node': {
    summary: 'Get an object',
    description: 'A number, a template or a file.',
    scope: 'messages:read',
    params: nodeParams,
    query: z.object({
      ...mediaQuery.shape,
      fields: z.string().optional().meta({
        description: 'Of a number: `health_status,quality_rating` and the like.',
      }),
    }),
    answers: { 200: json(z.union([number, metaTemplate, media])), ...REFUSALS },
    errors: [...PROVIDER_ERRORS, 'template_not_found', 'not_found'],
  },
  'DELETE /:version/:node': {
    summary: 'Delete a file',
    scope: 'messages:write',
    params: nodeParams,
    query: mediaQuery,
    answers: { 200: json(success), ...REFUSALS },
    errors: [...PROVIDER_ERRORS, 'not_found'],
  },
});
