import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { categoryTreeQuery, type TicketField, type TicketPage } from '../../../api/tickets.js';
import { AppLink } from '../../../app/AppLink.js';
import { useRights } from '../../../app/session.js';
import { formatDecimals, formatNumber } from '../../../format/number.js';
import { formatStamp } from '../../../format/time.js';
import { useLabel, useLanguage } from '../../../i18n/use-language.js';
import { paths } from '../../../paths.js';
import { SignatureShown, signatureIn } from '../work/signature/SignatureShown.js';

interface FieldValueProps {
  field: TicketField;
  value: unknown;
  page: Pick<TicketPage, 'names' | 'files' | 'id'>;
  /** On paper nothing is a link. */
  plain?: boolean;
}

/** A field's value as people read it; nothing is a dash. */
export function FieldValue({ field, value, page, plain }: FieldValueProps) {
  const { t } = useTranslation(['tickets', 'common', 'fieldWork']);
  const label = useLabel();
  const language = useLanguage();
  const may = useRights();
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) {
    return <span className="faint">—</span>;
  }
  const nameOf = (id: unknown) => page.names[String(id)] ?? String(id).slice(-8);
  switch (field.type) {
    case 'longText':
      return <span className="long-text">{String(value)}</span>;
    case 'number':
      return (
        <>
          {formatNumber(Number(value), language)} {field.unit ? <span className="soft">{field.unit}</span> : null}
        </>
      );
    case 'money':
      return (
        <>
          {formatDecimals(Number(value) / 100, language, 2)} <span className="soft">{t('money')}</span>
        </>
      );
    case 'yesNo':
      return <>{t(value === true ? 'common:yes' : 'common:no')}</>;
    case 'choice':
    case 'choices': {
      const words = (Array.isArray(value) ? value : [value]).map((one) =>
        label(field.choices.find((choice) => choice.value === one)?.label ?? String(one)),
      );
      return <>{words.join(t('and'))}</>;
    }
    case 'category':
      return <CategoryPath tree={field.tree} value={value} names={page.names} />;
    case 'instant':
      return <>{formatStamp(String(value)).slice(0, 16)}</>;
    case 'phone': {
      const number = String(value);
      // A masked one cannot be called.
      return plain || !/^\+?[\d-]+$/.test(number) ? number : <a href={`tel:${number}`}>{number}</a>;
    }
    case 'place': {
      const place = value as { text?: string; lon?: number; lat?: number };
      return <>{place.text ?? `${place.lat}, ${place.lon}`}</>;
    }
    case 'hall':
      return plain || !may('place.read') ? (
        nameOf(value)
      ) : (
        <AppLink to={paths.place(String(value))}>{nameOf(value)}</AppLink>
      );
    case 'device':
      return plain || !may('device.read') ? (
        nameOf(value)
      ) : (
        <AppLink to={paths.device(String(value))}>{nameOf(value)}</AppLink>
      );
    case 'person':
    case 'office':
      return <>{nameOf(value)}</>;
    case 'files': {
      const names = (value as unknown[]).map((id) => page.files.find((file) => file.id === id)?.name ?? nameOf(id));
      return <>{plain ? names.join(t('and')) : t('files.count', { count: names.length })}</>;
    }
    case 'signature': {
      const signature = signatureIn(value);
      return signature ? <SignatureShown signature={signature} ticketId={page.id} /> : t('fieldWork:signature.isThere');
    }
    case 'satisfaction': {
      const level = Number(value);
      return (
        <>
          {level === 1 || level === 2 || level === 3 || level === 4 || level === 5 ? t(`satisfaction.${level}`) : level}
        </>
      );
    }
    default:
      return <>{String(value)}</>;
  }
}

/** A path of categories by their words; the tree is asked for only where the ticket does not bring them. */
function CategoryPath({ tree, value, names }: { tree: string; value: unknown; names: Record<string, string> }) {
  const label = useLabel();
  const codes = Array.isArray(value) ? value.map(String) : [];
  const isKnown = codes.every((code) => names[`${tree}/${code}`]);
  const query = useQuery({ ...categoryTreeQuery(tree), enabled: !isKnown });
  const word = (code: string) =>
    names[`${tree}/${code}`] ?? label(query.data?.items.find((one) => one.code === code)?.label ?? code);
  return <>{codes.map(word).join(' / ')}</>;
}
