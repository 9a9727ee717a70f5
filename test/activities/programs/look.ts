import { openDatabase } from '../../../db/connect';
import { lookAt, webhookDeps } from '../../support/webhooks';

/** One look at an endpoint in a process of its own: made to be killed. */
const [url = '', endpointId = ''] = process.argv.slice(2);
const { deps } = webhookDeps(openDatabase(url), { timeoutMs: 60_000 });
void lookAt(deps, endpointId);
