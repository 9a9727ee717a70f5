#!/usr/bin/env node
// Runs the command line from its TypeScript sources; a built image runs dist/cli/main.js instead.
require('tsx/cjs');
require('../cli/main.ts');
