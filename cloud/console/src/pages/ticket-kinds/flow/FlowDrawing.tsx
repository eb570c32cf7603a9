import type { TicketKind } from '@hallhub/shared/ticket';
import { type KeyboardEvent, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../../i18n/use-language.js';
import { layOutFlow, nodeHeight, nodeWidth } from './lay-out-flow.js';
import './flow.css';

interface FlowDrawingProps {
  kind: Pick<TicketKind, 'steps' | 'start' | 'states'>;
  selected?: string | undefined;
  /** Steps that a trial has been in; the last is where it stands. */
  been?: readonly string[];
  faulty?: ReadonlySet<string>;
  onSelect?: (step: string) => void;
}

const widthOf = (text: string): number =>
  [...text].reduce((sum, one) => sum + (one.charCodeAt(0) > 0x2e7f ? 12 : 6.6), 0);
const cut = (text: string, px: number): string => {
  let shown = text;
  while (shown.length > 1 && widthOf(shown) > px) shown = shown.slice(0, -1);
  return shown === text ? text : `${shown.slice(0, -1)}…`;
};

/** The steps of a kind and the ways between them, drawn as they are worked. Arrow keys go from step to step. */
export function FlowDrawing({ kind, selected, been, faulty, onSelect }: FlowDrawingProps) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const drawing = useMemo(() => layOutFlow(kind), [kind]);
  const picture = useRef<SVGSVGElement>(null);
  const steps = new Map(kind.steps.map((step) => [step.id, step]));
  const stateOf = (id: string) => label(kind.states.find((one) => one.id === id)?.label);
  const now = been?.at(-1);
  const first = drawing.nodes.find(({ id }) => id === selected)?.id ?? drawing.nodes[0]?.id;

  const go = (event: KeyboardEvent, id: string) => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      onSelect?.(id);
      return;
    }
    const from = drawing.nodes.find((node) => node.id === id);
    const along = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
    if (!from || !along) return;
    event.preventDefault();
    const [dx = 0, dy = 0] = along;
    const ahead = drawing.nodes.filter(
      (node) => (dx === 0 ? node.x === from.x : (node.x - from.x) * dx > 0) && (dy === 0 || (node.y - from.y) * dy > 0),
    );
    const far = (node: (typeof ahead)[number]) => Math.abs(node.x - from.x) + Math.abs(node.y - from.y);
    const next = ahead.sort((a, b) => far(a) - far(b))[0];
    if (next) picture.current?.querySelector<SVGGElement>(`[data-step="${next.id}"]`)?.focus();
  };

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide drawing is scrolled by keys too
    <section className="flow" tabIndex={0} aria-label={t('flow.drawing')}>
      {/* biome-ignore lint/a11y/useSemanticElements: what groups within a drawing */}
      <svg
        role="group"
        ref={picture}
        width={drawing.width}
        height={drawing.height}
        viewBox={`0 0 ${drawing.width} ${drawing.height}`}
        aria-label={t('flow.drawingOf', { count: drawing.nodes.length })}
      >
        <defs>
          <marker
            id="flow-arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="8"
            markerHeight="8"
            orient="auto-start-reverse"
          >
            <path d="M0 0.8 7 4 0 7.200Z" className="flow-arrow" />
          </marker>
        </defs>
        {drawing.edges.map((edge) => {
          const isNear = edge.from === selected || edge.to === selected;
          const isBeen = been?.some((step, i) => step === edge.from && been[i + 1] === edge.to);
          const names = edge.labels.map((one) => label(one)).join(' / ');
          return (
            <g
              key={`${edge.from} ${edge.to}`}
              className={['flow-edge', edge.goesBack && 'is-back', isNear && 'is-near', isBeen && 'is-been']
                .filter(Boolean)
                .join(' ')}
            >
              <path d={edge.path} markerEnd="url(#flow-arrow)" />
              <text x={edge.labelX} y={edge.labelY} textAnchor="middle">
                <title>{names}</title>
                {cut(names, edge.labelRoom)}
              </text>
            </g>
          );
        })}
        {drawing.nodes.map((node) => {
          const step = steps.get(node.id);
          if (!step) return null;
          const name = label(step.label) || step.id;
          const state = stateOf(step.state);
          const isWrong = faulty?.has(step.id);
          const classes = [
            'flow-step',
            step.end && 'is-end',
            step.id === selected && 'is-selected',
            step.id === now && 'is-now',
            been?.includes(step.id) && 'is-been',
            isWrong && 'is-wrong',
          ];
          return (
            // biome-ignore lint/a11y/useSemanticElements: a button cannot stand in a drawing
            <g
              key={node.id}
              data-step={node.id}
              transform={`translate(${node.x} ${node.y})`}
              className={classes.filter(Boolean).join(' ')}
              role="button"
              tabIndex={node.id === first ? 0 : -1}
              aria-pressed={step.id === selected}
              aria-label={t(isWrong ? 'flow.stepWrong' : 'flow.step', { name, state })}
              onClick={() => onSelect?.(step.id)}
              onKeyDown={(event) => go(event, step.id)}
            >
              <rect width={nodeWidth} height={nodeHeight} rx={step.end ? nodeHeight / 2 : 8} />
              <text x={nodeWidth / 2} y={22} textAnchor="middle" className="flow-name">
                {cut(name, nodeWidth - 20)}
              </text>
              <text x={nodeWidth / 2} y={39} textAnchor="middle" className="flow-state">
                {cut(state === name ? '' : state, nodeWidth - 20)}
              </text>
              {step.id === kind.start ? <circle cx={0} cy={nodeHeight / 2} r={4.5} className="flow-start" /> : null}
              {isWrong ? <path d="M110 8l7 12h-14z" className="flow-wrong" /> : null}
            </g>
          );
        })}
      </svg>
    </section>
  );
}
