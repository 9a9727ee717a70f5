// Runs before `npm version`: what is pending in the changelog has to be moved under the version first.
const { readFileSync } = require('node:fs');
const path = require('node:path');

const changelog = readFileSync(path.join(__dirname, '..', 'CHANGELOG.md'), 'utf8');
const pending = /^## Pending$([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(changelog)?.[1];

if (pending === undefined) {
  process.stderr.write('CHANGELOG.md has no "## Pending" section.\n');
  process.exit(1);
}
const entries = pending.match(/^\s*[-*] .+$/gm) ?? [];
if (entries.length > 0) {
  const count = entries.length === 1 ? 'an entry' : `${entries.length} entries`;
  process.stderr.write(
    `CHANGELOG.md still has ${count} under Pending. Move them under a heading of the new version.\n`,
  );
  process.exit(1);
}
