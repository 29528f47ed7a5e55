/** A segment on its way. */
import type { Segment } from '../segment/packer.js';
import type { ResourceLike } from './span.js';
import type { KeptSegment } from './spill.js';

export interface Item {
  segment: Segment;
  bytes: number;
  /** Requests under way with it. */
  sending: number;
  /** One of them will outlive the page. */
  keepalive: boolean;
  /** Is being written to the spill, or is there. */
  kept?: 'soon' | 'yes';
  /** Of the page that recorded it, if that is another one. */
  resource?: ResourceLike | undefined;
}

export function fromSpill(segment: KeptSegment): Item {
  const { resource } = segment;
  const bytes = wireBytes(segment);
  return { segment, bytes, sending: 0, keepalive: false, kept: 'yes', resource };
}

/** An upper estimate: payload, header and resource, a trace id and a link per trace. */
export function wireBytes({ header, data }: Segment): number {
  return data.length + 1600 + header.traceIds.length * 70 + (header.url?.length ?? 0);
}
