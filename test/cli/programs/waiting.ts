import { interruption } from '../../../cli/interruption';

const alive = setInterval(() => undefined, 1_000);
const { happened } = interruption();
// Not before: who reads this ends the parent, which has to be known by then.
process.stdout.write(`${process.pid}\n`);
void happened.then(() => {
  process.stdout.write('interrupted\n');
  clearInterval(alive);
});
