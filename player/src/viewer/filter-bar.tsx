/** Search and filters over the list; they are its address, so that a list can be linked. */
import { useState, type FormEvent, type ReactElement } from 'react';
import { Icon } from '../react/icons.js';
import { isSince, listPath, SPANS, type Filters } from './filters.js';
import { go, tracePath } from './route.js';

export interface FilterBarProps {
  filters: Filters;
  /** To choose from. */
  services: readonly string[];
}

export function FilterBar({ filters, services }: FilterBarProps): ReactElement {
  const [value, setValue] = useState(filters.text);
  const apply = (change: Partial<Filters>): void =>
    go(listPath({ ...filters, text: value.trim(), ...change }), { replace: true });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const text = value.trim();
    if (/^[0-9a-f]{32}$/i.test(text)) go(tracePath(text.toLowerCase()));
    else apply({});
  };
  return (
    <form className="viewer-search" role="search" onSubmit={submit}>
      <label className="viewer-search-box">
        <span className="replay-hidden">Search sessions</span>
        <Icon name="search" />
        <input
          type="search"
          className="replay-input"
          placeholder="Trace id, user id, or part of a page’s address"
          value={value}
          spellCheck={false}
          onChange={(event) => setValue(event.target.value)}
        />
      </label>
      <label className="replay-select">
        <span className="replay-hidden">Time</span>
        <select
          value={filters.since ?? ''}
          onChange={({ target }) =>
            apply({ since: isSince(target.value) ? target.value : undefined })
          }
        >
          <option value="">Any time</option>
          {Object.entries(SPANS).map(([since, { label }]) => (
            <option key={since} value={since}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {services.length < 2 && filters.service === undefined ? null : (
        <label className="replay-select">
          <span className="replay-hidden">Service</span>
          <select
            value={filters.service ?? ''}
            onChange={({ target }) =>
              apply({ service: target.value === '' ? undefined : target.value })
            }
          >
            <option value="">All services</option>
            {services.map((service) => (
              <option key={service}>{service}</option>
            ))}
          </select>
        </label>
      )}
      <label className="replay-check">
        <input
          type="checkbox"
          checked={filters.onlyErrors}
          onChange={(event) => apply({ onlyErrors: event.target.checked })}
        />
        Errors only
      </label>
      <button type="submit" className="replay-button">
        Search
      </button>
    </form>
  );
}
