import path from 'node:path';
import { Router } from 'express';
import { z } from 'zod';
import { onlyMethods } from '../input';
import type { OpenApiDocument } from './document';
import { json, operations } from './operation';

export const referenceOperations = operations('Reference', {
  'GET /openapi.json': {
    summary: 'Get this document',
    answers: { 200: json(z.looseObject({ openapi: z.string() })) },
  },
  'GET /docs': {
    summary: 'Read this document',
    answers: { 200: { content: { 'text/html': z.string() } } },
  },
});

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Casement API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="reference"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
});
`;

/** What of Swagger UI the page needs. */
const FILES: ReadonlySet<string> = new Set(['swagger-ui.css', 'swagger-ui-bundle.js']);

/** Nothing from elsewhere. Swagger UI sets styles of elements and has its icons as data. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The document, printed when it is first asked for, and a page to read it. */
export function referenceRoutes(document: () => OpenApiDocument): Router {
  const router = Router();
  let printed: OpenApiDocument | undefined;
  router
    .route('/openapi.json')
    .get((_request, response) => {
      printed ??= document();
      response.json(printed);
    })
    .all(onlyMethods('GET'));
  router
    .route('/docs')
    .get((_request, response) => {
      response.set('Content-Security-Policy', POLICY).type('text/html').send(PAGE);
    })
    .all(onlyMethods('GET'));
  router.use('/docs', (request, response, next) => {
    const name = request.path.slice(1);
    if (name === 'start.js') response.type('text/javascript').send(START);
    else if (FILES.has(name)) response.sendFile(name, { root: swaggerUi(), maxAge: '1h' });
    else next();
  });
  return router;
}

function swaggerUi(): string {
  return path.dirname(require.resolve('swagger-ui-dist/package.json'));
}
