// Names the tests that passed only when tried again, so that a retry in CI hides nothing.
export default class FlakyReporter {
  #flaky = [];

  onTestCaseResult(test) {
    if (test.diagnostic()?.flaky)
      this.#flaky.push(`${test.module.relativeModuleId} > ${test.fullName}`);
  }

  onTestRunEnd() {
    for (const name of this.#flaky) console.log(`flaky, passed when tried again: ${name}`);
  }
}
