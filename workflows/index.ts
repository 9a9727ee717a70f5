export { campaign } from './campaign';
export { sender } from './sender';
export { window } from './window';
