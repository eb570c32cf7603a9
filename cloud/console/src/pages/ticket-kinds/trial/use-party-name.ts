import type { DryRun } from '@hallhub/shared/ticket';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { officesQuery } from '../../../api/offices.js';
import { useRights } from '../../../app/session.js';

/** The parties of a trial in the reader's words: real offices by their names, made-up ones by what they are. */
export function usePartyName(parties: DryRun['parties']): (name: string) => string {
  const { t } = useTranslation('ticketKinds');
  const may = useRights();
  const offices = useQuery({ ...officesQuery, enabled: may('office.read') });
  return (given) => {
    const name = parties[given]?.name ?? given;
    const office = offices.data?.find(({ code }) => code === name);
    if (office) return office.name;
    if (given === 'platform') return t('trial.platform');
    const [kind = '', ...rest] = name.split('_');
    const about = rest.join('_');
    switch (kind) {
      case 'somebody':
      case 'leader':
      case 'fallback':
      case 'supervisor':
      case 'place':
        return about === '' ? t(`partyName.${kind}`) : `${t(`partyName.${kind}`)} ${about}`;
      case 'category':
        if (about === 'sample') return t('party.categoryOffice');
        return t('partyName.category', { about });
      case 'skill':
        return t(`partyName.${kind}`, { about });
      default:
        return name;
    }
  };
}
