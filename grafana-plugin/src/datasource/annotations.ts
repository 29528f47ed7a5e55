/** Session errors as annotations on any panel, each with the way to its replay. */
import {
  locationUtil,
  textUtil,
  type AnnotationEvent,
  type AnnotationQuery,
  type AnnotationSupport,
  type DataFrame,
} from '@grafana/data';
import { of } from 'rxjs';
import { sessionPath } from '../pages/paths';
import type { ReplayQuery } from './types';

/** @param uid of the data source, for links */
export function annotationSupport(uid: string): AnnotationSupport<ReplayQuery> {
  return {
    getDefaultQuery: () => ({ queryType: 'errors' }),
    prepareQuery: (annotation: AnnotationQuery<ReplayQuery>) => ({
      ...annotation.target,
      refId: annotation.target?.refId ?? 'Anno',
      queryType: 'errors',
    }),
    processEvents: (_annotation, frames) => of(frames.flatMap((frame) => eventsOf(frame, uid))),
  };
}

function eventsOf(frame: DataFrame, uid: string): AnnotationEvent[] {
  const column = (name: string) => frame.fields.find((field) => field.name === name)?.values ?? [];
  const times = column('time');
  const [titles, texts, sessions, services, tags] = [
    'title',
    'text',
    'sessionId',
    'service',
    'tags',
  ].map(column);
  return times.map((time: number, row) => {
    const path = sessionPath(String(sessions[row]), { time, datasourceUid: uid });
    // Grafana shows text as HTML, and what was recorded is not to be trusted.
    const what = textUtil.escapeHtml(String(texts[row]));
    const link = `<a href="${textUtil.escapeHtml(locationUtil.assureBaseUrl(path))}">Watch the replay</a>`;
    return {
      time,
      title: String(titles[row]),
      text: `${what === '' ? '' : `${what}<br>`}${link}`,
      tags: [String(services[row]), ...String(tags[row]).split(',')].filter((tag) => tag !== ''),
    };
  });
}
