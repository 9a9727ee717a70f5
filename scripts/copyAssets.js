// Copies what the compiled code reads at run time and the compiler does not know, beside it into dist.
const { cpSync } = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
for (const asset of ['simulator/chat.html'])
  cpSync(path.join(root, asset), path.join(root, 'dist', asset));
