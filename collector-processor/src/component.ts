/** A part of the process that is started and stopped. */
export interface Component {
  /** In logs, health and ports. */
  readonly name: string;
  /** The port, for what listens; several by name. */
  start(): Promise<number | Readonly<Record<string, number>> | undefined>;
  /** Has a start that is under way end soon; harmless otherwise. */
  cancelStart?(): void;
  stop(deadlineMs: number): Promise<void>;
}
