import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type Place, placesQuery } from '../api/places.js';
import { useMe, useRights } from './session.js';

interface PlaceChoice {
  /** The hall that the whole console is narrowed to; none: all that the person may see. */
  hallId: string | undefined;
  hall: Place | undefined;
  choose: (hallId: string | undefined) => void;
}

/** The places the person may see; empty while loading or without the right. */
export function usePlaces(): Place[] {
  const may = useRights();
  const { data } = useQuery({ ...placesQuery, enabled: may('place.read') });
  return data ?? [];
}

/** The place chosen at the top; kept in the address while moving between pages. */
export function usePlace(): PlaceChoice {
  const places = usePlaces();
  const { hall: hallId } = useSearch({ strict: false }) as { hall?: string };
  const navigate = useNavigate();
  return {
    hallId: hallId || undefined,
    hall: places.find((place) => place.id === hallId),
    choose: (next) =>
      void navigate({ to: '.', search: ((was: Record<string, unknown>) => ({ ...was, hall: next })) as never }),
  };
}

/** In whose days a page counts: the chosen hall's zone, the organisation's where all halls are looked at. Never the reader's. */
export function useZone(): string {
  const { timeZone } = useMe().tenant;
  return usePlace().hall?.timeZone ?? timeZone;
}
