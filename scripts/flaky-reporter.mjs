// Names the tests that passed only when tried again, and why they failed before, so that a retry in CI
// hides nothing.
export default class FlakyReporter {
  #lines = [];

  onTestCaseResult(test) {
    if (!test.diagnostic()?.flaky) return;
    this.#lines.push(
      `flaky, passed when tried again: ${test.module.relativeModuleId} > ${test.fullName}`,
    );
    for (const { message = '', stacks = [] } of test.result().errors ?? []) {
      const [at] = stacks;
      const place = at === undefined ? '' : ` (${at.file.split('/').at(-1)}:${at.line})`;
      this.#lines.push(`  ${message.split('\n')[0]?.slice(0, 200)}${place}`);
    }
  }

  onTestRunEnd() {
    for (const line of this.#lines) console.log(line);
  }
}
