import express from 'express';

/** A handler that only takes the body and answers 200: what a hook costs at least. */
const app = express();
app.disable('x-powered-by');
app.post('/hook', express.raw({ type: () => true, limit: '3mb' }), (_request, response) => {
  response.status(200).end();
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : null });
});
process.on('disconnect', () => process.exit(0));
