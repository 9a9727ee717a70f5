import { interruption } from '../../../cli/interruption';

const alive = setInterval(() => undefined, 1_000);
process.stdout.write(`${process.pid}\n`);
void interruption().happened.then(() => {
  process.stdout.write('interrupted\n');
  clearInterval(alive);
});
