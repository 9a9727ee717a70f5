/**
 * A program for Meta's Cloud API, as its client library shows it: nothing in it knows of Casement but the base URL and
 * the token it is given. Prints one line of JSON for each thing that happened.
 */
import { createServer } from 'node:http';
import Client from '@great-detail/whatsapp';

const [prefixUrl, token, phoneNumberID, businessAccountID, to] = process.argv.slice(2);
const VERIFY_TOKEN = 'mine';

const tell = (what, value) => process.stdout.write(`${JSON.stringify({ what, value })}\n`);

const sdk = new Client({ prefixUrl, request: { headers: { Authorization: `Bearer ${token}` } } });

let secret = '';

const receiver = createServer((request, response) => void answer(request, response));

async function answer(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method, headers } = request;
  const query = Object.fromEntries(new URL(request.url, 'http://receiver').searchParams);
  const incoming = { method, headers, query, body: Buffer.concat(chunks).toString('utf8') };
  if (method === 'GET') {
    const registration = await sdk.webhook.register(incoming);
    const known = registration.verifyToken === VERIFY_TOKEN;
    response.writeHead(known ? 200 : 403).end(known ? registration.accept() : '');
    return;
  }
  const event = await sdk.webhook.eventNotification(incoming);
  const verified = await event.checkSignature(secret);
  tell('event', { verified, value: event.eventNotification.entry[0].changes[0].value });
  response.writeHead(verified ? 200 : 401).end();
}
await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));

const subscription = await sdk.subscribedApps.createSubscription({
  businessAccountID,
  override_callback_uri: `http://127.0.0.1:${receiver.address().port}/webhook`,
  verify_token: VERIFY_TOKEN,
});
({ secret } = await subscription.json());
tell(
  'subscribed',
  (await (await sdk.subscribedApps.listSubscriptions({ businessAccountID })).json()).data,
);

const send = async (name, message) => {
  const answer = await sdk.message.createMessage({ phoneNumberID, to, ...message });
  tell(name, await answer.json());
};

await send('text', { type: 'text', text: { body: 'Grüße' } });
await send('template', {
  type: 'template',
  template: {
    name: 'hello',
    language: { code: 'en_US' },
    components: [{ type: 'body', parameters: [{ type: 'text', text: 'Zoë' }] }],
  },
});
await send('interactive', {
  type: 'interactive',
  interactive: {
    type: 'button',
    body: { text: 'Change your slot?' },
    action: { buttons: [{ type: 'reply', reply: { id: 'change', title: 'Change' } }] },
  },
});

const upload = await sdk.media.upload({
  phoneNumberID,
  file: new Blob(['%PDF-1.4'], { type: 'application/pdf' }),
  filename: 'a.pdf',
  mimeType: 'application/pdf',
});
const { id } = await upload.json();
await send('document', { type: 'document', document: { id, filename: 'a.pdf' } });
tell('media', await (await sdk.media.getURL({ mediaID: id, phoneNumberID })).json());

const refused = await sdk.message
  .createMessage({
    phoneNumberID,
    to,
    type: 'template',
    template: { name: 'no', language: { code: 'en' } },
  })
  .catch((error) => error.response);
tell('refused', { status: refused.status, body: await refused.json() });

const templates = await sdk.template.list(businessAccountID, { limit: 10 });
tell(
  'templates',
  (await templates.json()).data.map(({ name }) => name),
);
tell('ready', null);
