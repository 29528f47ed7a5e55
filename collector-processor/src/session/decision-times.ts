/** How long a decision lasts. */
export interface DecisionTimes {
  /** What is kept after a trigger. */
  recordForMs: number;
  /** Nothing of a session is kept beyond this length. */
  maxSessionDurationMs: number;
  /** How long what a policy keeps is stored; 0: for ever; undefined: as others say. */
  keepForMs: (policy: string) => number | undefined;
}
