/** Where OTLP exporters send by default. */
export const DEFAULT_URL = 'http://localhost:4318/v1/traces';
