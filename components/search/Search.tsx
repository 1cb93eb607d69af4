'use client';
/** The search: every word typed narrows what is shown. The index is fetched once and asked in the page; arrows move, Enter opens. */
import MiniSearch from 'minisearch';
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { Go } from '../frame/Go';
import { excerpt } from './excerpt';
import { type Found, KINDS, NEARLY, SEARCH_OPTIONS } from './options';

const MOST = 40;
const LONGEST_QUERY = 200;

const asked = () => new URLSearchParams(location.search).get('q')?.slice(0, LONGEST_QUERY) ?? '';

export function Search() {
  const [index, setIndex] = useState<MiniSearch<Found> | 'failed' | null>(null);
  const [query, setQuery] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLOListElement>(null);

  useEffect(() => {
    setQuery(asked());
    input.current?.focus();
    let here = true;
    fetch('/search.json')
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(answer.statusText))))
      .then((text) => here && setIndex(MiniSearch.loadJSON(text, SEARCH_OPTIONS)))
      .catch(() => here && setIndex('failed'));
    return () => {
      here = false;
    };
  }, []);

  const type = (text: string) => {
    setQuery(text);
    history.replaceState(null, '', text ? `?q=${encodeURIComponent(text)}` : location.pathname);
  };
  const wanted = useDeferredValue(query.trim());
  const found = useMemo(() => {
    if (index === null || index === 'failed' || wanted === '') return [];
    const exact = index.search(wanted);
    return (exact.length > 0 ? exact : index.search(wanted, NEARLY)) as unknown as (Found & { terms: string[] })[];
  }, [index, wanted]);

  /** Up and down go through the results and back to the line. */
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const links = [...(list.current?.querySelectorAll<HTMLElement>('a') ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement) + step;
    event.preventDefault();
    (at < 0 ? input.current : links[Math.min(at, links.length - 1)])?.focus();
  };

  return (
    <search onKeyDown={move}>
      <p className="ask-line">
        <label className="sr" htmlFor="q">
          What to look for
        </label>
        <input
          id="q"
          ref={input}
          type="search"
          className="m"
          value={query}
          maxLength={LONGEST_QUERY}
          onChange={(e) => type(e.target.value)}
          onKeyDown={(e) => e.key === 'Enter' && list.current?.querySelector<HTMLElement>('a')?.click()}
          placeholder="copy-up, --cap-add, exit 137 …"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
        />
      </p>
      <p className="m dim" role="status">
        {index === 'failed'
          ? 'The index could not be fetched. All chapters are on the first page.'
          : wanted === ''
            ? 'Arrows move through what is found, Enter opens it. The key / leads here from every page.'
            : index === null
              ? 'The index is being fetched.'
              : found.length === 0
                ? `Nothing holds all of “${wanted}”.`
                : `${found.length} found${found.length > MOST ? `, the first ${MOST} shown` : ''}.`}
      </p>
      <ol className="found" ref={list}>
        {found.slice(0, MOST).map((f) => (
          <li key={f.id}>
            <Go href={f.id}>
              <span className="cap">{KINDS[f.kind]}</span>
              <b>{f.title}</b>
              <span className="m dim">{f.where}</span>
            </Go>
            <p>
              {excerpt(f.text, f.terms).map((part) =>
                part.hit ? <mark key={part.at}>{part.text}</mark> : <span key={part.at}>{part.text}</span>,
              )}
            </p>
          </li>
        ))}
      </ol>
    </search>
  );
}
