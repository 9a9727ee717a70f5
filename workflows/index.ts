export { campaign } from './campaign';
export { window } from './window';
