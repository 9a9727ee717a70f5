import { Router } from 'express';
import { z } from 'zod';
import type { OpenApiDocument } from './document';
import { json, operations } from './operation';

export const referenceOperations = operations('Reference', {
  'GET /openapi.json': {
    summary: 'Get this document',
    answers: { 200: json(z.looseObject({ openapi: z.string() })) },
  },
});

/** The document, printed when it is first asked for. */
export function referenceRoutes(document: () => OpenApiDocument): Router {
  const router = Router();
  let printed: OpenApiDocument | undefined;
  router.get('/openapi.json', (_request, response) => {
    printed ??= document();
    response.json(printed);
  });
  return router;
}
