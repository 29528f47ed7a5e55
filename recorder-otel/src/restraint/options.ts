/** How much of the page's time recording may take. */
export interface RestraintOptions {
  /**
   * Share of the main thread that recording may take, over ten seconds, 0 to 1; default 0.1. Beyond
   * it less is recorded, step by step: no pointer moves and slower changes, then no changes of
   * attributes, then no changes at all until it is quieter. Each step is an event in the replay.
   * `1` is no limit.
   */
  overheadBudget?: number;
}
