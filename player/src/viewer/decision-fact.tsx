/** Why the session was kept, or in a dry run would have been: policy, reason and trigger. */
import type { ReactElement } from 'react';
import type { Decision } from '@otel-replay/protocol';
import { go, tracePath } from './route.js';

export interface DecisionFactProps {
  decision: Decision;
  /** Whether the trigger's trace has an address here. */
  hasAddress: boolean;
}

export function DecisionFact({ decision, hasAddress }: DecisionFactProps): ReactElement {
  const { verb, policy, reason, traceId } = worded(decision);
  const text = policy === undefined ? `${verb}: ${reason}` : `${verb} by ${policy}: ${reason}`;
  return (
    <>
      <span className="viewer-decision" title={text} data-testid="decision">
        {policy === undefined ? (
          verb
        ) : (
          <>
            {verb} by <strong>{policy}</strong>
          </>
        )}
        {`: ${reason}`}
      </span>
      {traceId === undefined ? null : (
        <span>
          trigger <TraceId traceId={traceId} hasAddress={hasAddress} />
        </span>
      )}
    </>
  );
}

interface Words {
  verb: string;
  policy?: string | undefined;
  reason: string;
  traceId?: string | undefined;
}

function worded({ dryRun, policy, reason, traceId }: Decision): Words {
  if (dryRun === undefined) return { verb: 'Kept', policy, reason, traceId };
  if (dryRun.kept) return { ...dryRun, verb: 'Dry run: would have been kept' };
  const isDropped = dryRun.policy !== undefined;
  return { ...dryRun, verb: `Dry run: would have been ${isDropped ? 'dropped' : 'sampled out'}` };
}

function TraceId({ traceId, hasAddress }: { traceId: string; hasAddress: boolean }): ReactElement {
  const shown = <code title={traceId}>{traceId.slice(0, 12)}…</code>;
  if (!hasAddress) return shown;
  const path = tracePath(traceId);
  return (
    <a
      className="viewer-trigger"
      href={path}
      aria-label={`Open the trace that triggered it, ${traceId}`}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(path);
      }}
    >
      {shown}
    </a>
  );
}
