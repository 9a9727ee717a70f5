const { writeFileSync } = require('node:fs');

/**
 * Says `N passed, N failed` from jest's own result: into the file CASEMENT_TEST_SUMMARY where set (`.ci/run`
 * prints it last), else on the output. A test file that could not run counts as one failure.
 */
class SummaryReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const line = `${results.numPassedTests} passed, ${failed} failed\n`;
    const file = process.env.CASEMENT_TEST_SUMMARY;
    if (file) writeFileSync(file, line);
    else process.stdout.write(line);
  }
}

module.exports = SummaryReporter;
