import './charts.css';

interface Part {
  key: string;
  count: number;
  tone: 'quiet' | 'accent' | 'warn' | 'bad' | 'unknown';
  word: string;
}

/** Parts of a whole as one thin bar; hovering says the numbers, a screen reader reads them. */
export function Proportion({ label, parts }: { label: string; parts: Part[] }) {
  const shown = parts.filter((part) => part.count > 0);
  const said = shown.map((part) => `${part.word} ${part.count}`).join(' · ');
  return (
    <div className="proportion" role="img" aria-label={`${label}: ${said}`} title={said}>
      {shown.map((part) => (
        <span key={part.key} className={`proportion-part part-${part.tone}`} style={{ flexGrow: part.count }} />
      ))}
    </div>
  );
}
