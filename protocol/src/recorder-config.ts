/** What the processor tells recorders: `GET /v1/recorder-config?service=<service.name>`, JSON. */
export const RECORDER_CONFIG_PATH = '/v1/recorder-config';

/** Fields that are not there leave the page's own options as they are. */
export interface RecorderConfig {
  /** False: recorders stop and forget what they hold. */
  enabled: boolean;
  /** Share of sessions that are sent from their start, 0 to 1. */
  sessionSampleRate?: number;
  /** Share of the other sessions that are buffered in the browser, 0 to 1. */
  errorSampleRate?: number;
  /** Share of sessions that are recorded at all, 0 to 1: for trying a new recorder on a few. */
  canaryShare?: number;
}
