/** Why there is no picture of this session, in Grafana's own look; the reasons are the replay API's. */
import type { IconName } from '@grafana/data';
import type { NoReplayReason, PlaybackError } from '@otel-replay/player';
import { Button } from '@grafana/ui';
import type { ReactNode } from 'react';
import type { Target } from '../target';
import { BrowseSessions, EditDataSource } from './nothing-to-play';
import { StateView } from './state-view';

interface Text {
  title: string;
  icon: IconName;
  why: string;
  next: string;
}

const REASONS: Readonly<Record<NoReplayReason, Text>> = {
  never_recorded: {
    title: 'This was not recorded',
    icon: 'eye-slash',
    why: 'No browser that took part in it was recording: the recorder is not on that page, the person did not consent, or it did not begin in a browser.',
    next: 'Check that the page adds SessionReplaySpanProcessor, and that it sends to this processor.',
  },
  sampled_out: {
    title: 'This session was not kept',
    icon: 'filter',
    why: 'It was recorded, but nothing happened in it that a policy keeps: no error, no slow request, no match.',
    next: 'To keep more sessions like it, widen the policies of the processor.',
  },
  shed: {
    title: 'This session was not kept',
    icon: 'tachometer-fast',
    why: 'The processor was under pressure and gave up some sessions, each of them whole, so that the others stay complete.',
    next: 'Raise the limit that was too small, or add an instance.',
  },
  expired: {
    title: 'This replay has expired',
    icon: 'history',
    why: 'It was kept for as long as the retention time says, and then removed.',
    next: 'To keep replays longer, raise the retention time of the processor.',
  },
  deleted: {
    title: 'This replay was deleted',
    icon: 'trash-alt',
    why: 'Someone removed it, usually because the recorded person asked for it.',
    next: 'It cannot be brought back; the trace stays.',
  },
  not_yet: {
    title: 'Not there yet',
    icon: 'hourglass',
    why: 'The session is still being recorded, and its first part is on its way.',
    next: 'It opens by itself in a few seconds.',
  },
};

/** Of `never_recorded`, where no span names a session either. */
const NO_SESSION_ID: Text = {
  title: 'No session in this trace',
  icon: 'gf-traces',
  why: 'None of its spans carries session.id, and no recording has seen the trace. It did not begin in a browser with the recorder, as jobs and calls between services do not.',
  next: 'If it did, check that the page adds SessionReplaySpanProcessor to its tracer.',
};

const KINDS: Readonly<Record<Exclude<PlaybackError['kind'], 'no_replay'>, Omit<Text, 'why'>>> = {
  unauthorized: {
    title: 'Not allowed to watch this',
    icon: 'lock',
    next: 'Replays may be watched by whoever may query the data source.',
  },
  unreachable: {
    title: 'The replay API does not answer',
    icon: 'plug',
    next: 'Your browser need not reach it.',
  },
  bad_request: {
    title: 'That could not be asked',
    icon: 'exclamation-triangle',
    next: 'Check the ids in the panel’s options, and the URL of the data source.',
  },
  server: {
    title: 'The replay API failed',
    icon: 'exclamation-triangle',
    next: 'If it stays so, tell who runs the processor.',
  },
  corrupt: {
    title: 'This replay is damaged',
    icon: 'exclamation-triangle',
    next: 'If others open, tell who runs the processor; its log names the block.',
  },
  no_snapshot: {
    title: 'No picture to begin with',
    icon: 'eye-slash',
    next: 'Its spans and errors are known all the same: open the trace.',
  },
  too_large: {
    title: 'This moment is too large to be shown',
    icon: 'exclamation-triangle',
    next: 'Seek to a later moment, or open the trace.',
  },
  internal: {
    title: 'The player failed',
    icon: 'bug',
    next: 'If it happens again, please report it with this text.',
  },
};

export interface FailureStateProps {
  error: PlaybackError;
  target: Target;
  dataSource: { uid: string; name: string };
  onRetry: () => void;
}

export function FailureState({ error, target, dataSource, onRetry }: FailureStateProps) {
  const retry = (
    <Button variant="secondary" size="sm" icon="sync" onClick={onRetry}>
      Try again
    </Button>
  );
  if (error.kind === 'no_replay') {
    return <NoReplay error={error} target={target} retry={retry} />;
  }
  const { title, icon, next } = KINDS[error.kind];
  const isSettings = ['unauthorized', 'unreachable', 'bad_request'].includes(error.kind);
  return (
    <StateView
      state={error.kind}
      icon={icon}
      tone="error"
      title={title}
      actions={
        <>
          {retry}
          {isSettings ? <EditDataSource uid={dataSource.uid} /> : null}
        </>
      }
    >
      <p>{error.message}</p>
      <p>{next}</p>
    </StateView>
  );
}

function NoReplay({
  error,
  target,
  retry,
}: {
  error: PlaybackError;
  target: Target;
  retry: ReactNode;
}) {
  const reason = error.reason ?? 'never_recorded';
  const isUnknown = reason === 'never_recorded' && target.sessionId === undefined;
  const { title, icon, why, next } =
    isUnknown && target.focus !== undefined ? NO_SESSION_ID : REASONS[reason];
  const isDropped = error.droppedBy !== undefined;
  return (
    <StateView
      state={isUnknown && target.focus !== undefined ? 'no_session_id' : reason}
      icon={icon}
      tone={reason === 'not_yet' ? 'busy' : 'calm'}
      title={title}
      facts={factsOf(error, target)}
      // What is gone for good is not asked for again.
      actions={
        isDropped || reason === 'deleted' || reason === 'expired' ? <BrowseSessions /> : retry
      }
    >
      <p>
        {isDropped
          ? 'It was recorded, and a policy drops sessions like it, whatever happens in them.'
          : why}
      </p>
      <p>{isDropped ? 'To keep such sessions, change that policy of the processor.' : next}</p>
    </StateView>
  );
}

function factsOf(error: PlaybackError, target: Target): Array<[string, string]> {
  const { droppedBy, policies, limit } = error;
  const facts: Array<[string, string | undefined]> = [
    ['Dropped by', droppedBy && `${droppedBy.policy}: ${droppedBy.reason}`],
    ['Policies asked', policies?.join(', ')],
    ['Limit too small', limit],
    ['Session', target.sessionId],
    ['Trace', target.traceId],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== '');
}
