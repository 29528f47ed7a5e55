/** A handful of line icons, 16 by 16, in the text's colour; decoration only. */
import type { ReactElement, ReactNode } from 'react';

export type IconName =
  | 'play'
  | 'pause'
  | 'back'
  | 'forward'
  | 'restart'
  | 'fullscreen'
  | 'link'
  | 'check'
  | 'lock'
  | 'error'
  | 'click'
  | 'rage'
  | 'page'
  | 'search'
  | 'skip'
  | 'arrow-left'
  | 'download'
  | 'upload'
  | 'eye-off'
  | 'clock'
  | 'flag'
  | 'tabs';

const PATHS: Record<IconName, ReactNode> = {
  play: <path d="M4.5 2.6v10.8L13 8z" fill="currentColor" strokeLinejoin="round" />,
  pause: <path d="M4.2 2.8h2.3v10.4H4.2zM9.5 2.8h2.3v10.4H9.5z" fill="currentColor" />,
  back: <path d="M3 2.8v3.4h3.4M3.2 6.1A5.4 5.4 0 1 1 2.7 9" />,
  forward: <path d="M13 2.8v3.4H9.6m3.2-.1A5.4 5.4 0 1 0 13.3 9" />,
  restart: <path d="M3 2.8v3.4h3.4M3.2 6.1A5.4 5.4 0 1 1 2.7 9" />,
  fullscreen: <path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10" />,
  link: (
    <path d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.2-2.2A2.6 2.6 0 0 0 9 3.300l-.9.9M9.2 6.800a2.6 2.6 0 0 0-3.7 0L3.3 9A2.6 2.6 0 0 0 7 12.700l.9-.9" />
  ),
  check: <path d="m3 8.5 3.2 3.200L13 4.8" />,
  lock: <path d="M4 7.200h8v6H4zM5.6 7.200V5.300a2.4 2.4 0 0 1 4.8 0v1.9" />,
  error: <path d="M8 2.2 14.3 13.200H1.700zM8 6.400v3.200m0 1.700v.2" />,
  click: <path d="m6 6 7 2.7-3 1.3-1.3 3zM3.5 1.800l.7 2M1.8 5.200l2 .5M6.6 1.800l-.6 2" />,
  rage: (
    <path d="M8 1.800a6.2 6.2 0 1 1 0 12.400A6.2 6.2 0 0 1 8 1.800zM5 6l1.6 1M11 6 9.4 7M5.5 11.200c1.4-1.5 3.6-1.5 5 0" />
  ),
  flag: <path d="M3.5 14.5v-13M3.5 2.500h9l-2 3 2 3h-9" />,
  page: <path d="M3.5 1.800h6l3 3v9.400h-9zM9.3 1.800V5h3.2" />,
  search: <path d="M7 2.500a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.300l3.4 3.4" />,
  skip: <path d="m2.5 3.5 5 4.5-5 4.500zM8.5 3.500l5 4.5-5 4.500z" strokeLinejoin="round" />,
  'arrow-left': <path d="M13.5 8h-11M6.5 4l-4 4 4 4" />,
  download: <path d="M8 2v8M4.8 7 8 10.2 11.2 7M2.5 13.500h11" />,
  upload: <path d="M8 10.500v-8M4.8 5.5 8 2.300l3.2 3.200M2.5 13.500h11" />,
  'eye-off': (
    <path d="M1.5 8S3.9 3.5 8 3.5 14.5 8 14.5 8 12.1 12.5 8 12.5 1.5 8 1.5 8zM8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM2.5 13.500l11-11" />
  ),
  clock: <path d="M8 1.800a6.2 6.2 0 1 1 0 12.400A6.2 6.2 0 0 1 8 1.800zM8 4.500V8l2.4 1.6" />,
  tabs: <path d="M2 4.500h12v8.700H2zM2 4.500V2.800h4.500v1.7" />,
};

export function Icon({ name }: { name: IconName }): ReactElement {
  return (
    <svg
      className="replay-icon"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {PATHS[name]}
    </svg>
  );
}
