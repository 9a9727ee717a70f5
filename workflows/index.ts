export { campaign } from './campaign';
export { sender } from './sender';
export { webhook } from './webhook';
export { window } from './window';
