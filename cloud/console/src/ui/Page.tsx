import { useEffect } from 'react';
import './page.css';

interface PageProps {
  title: string;
  /** What stands above the title: where this is. */
  trail?: React.ReactNode;
  /** State of the thing beside its title. */
  mark?: React.ReactNode;
  /** One sentence, only where the title alone does not say it. */
  lead?: React.ReactNode;
  /** The one primary action, and quiet ones before it. */
  actions?: React.ReactNode;
  tabs?: React.ReactNode;
  /** Fills the height and scrolls inside, as lists do. */
  fill?: boolean;
  children: React.ReactNode;
}

/** One page: its title, its one primary action, its content. */
export function Page({ title, trail, mark, lead, actions, tabs, fill, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · HallHub`;
  }, [title]);
  return (
    <main className={fill ? 'page page-fill' : 'page'}>
      <header className="page-header">
        <div className="page-heading">
          {trail ? <div className="page-trail">{trail}</div> : null}
          <div className="page-title-row">
            <h1 className="page-title">{title}</h1>
            {mark}
          </div>
          {lead ? <div className="page-lead">{lead}</div> : null}
        </div>
        {actions ? <div className="page-actions">{actions}</div> : null}
      </header>
      {tabs ? <div className="page-tabs">{tabs}</div> : null}
      <div className="page-body">{children}</div>
    </main>
  );
}

interface SectionProps {
  title?: string;
  aside?: React.ReactNode;
  children: React.ReactNode;
  /** No frame: the content brings its own. */
  bare?: boolean;
}

/** A titled part of a page. */
export function Section({ title, aside, children, bare }: SectionProps) {
  return (
    <section className="section" aria-label={title}>
      {title || aside ? (
        <div className="section-head">
          {title ? (
            <h2 className="section-title" title={title}>
              {title}
            </h2>
          ) : (
            <span />
          )}
          {aside ? <div className="section-aside">{aside}</div> : null}
        </div>
      ) : null}
      <div className={bare ? undefined : 'card'}>{children}</div>
    </section>
  );
}
