declare module 'virtual:one-file' {
  /** Address of the page that a session is put into; undefined in that page itself. */
  export const ONE_FILE_URL: string | undefined;
}
