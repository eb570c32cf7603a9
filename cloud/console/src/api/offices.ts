import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import { del, get, patch, post, put } from './request.js';

export interface OfficeMember {
  userId: string;
  isLeader: boolean;
  skills: string[];
}
export interface OfficeArea {
  purpose: string | null;
  name: string | null;
  hallId: string | null;
  regionId: string | null;
  polygon: [number, number][] | null;
}
export interface OfficeCategory {
  tree: string;
  code: string;
}
/** An office whose people handle tickets. */
export interface Office {
  id: string;
  code: string;
  name: string;
  parentId: string | null;
  hallId: string | null;
  regionId: string | null;
  calendar: string | null;
  isFallback: boolean;
  members: (OfficeMember & { name: string; active: boolean })[];
  areas: (OfficeArea & { id: string })[];
  categories: OfficeCategory[];
  openTasks: number;
  version: number;
  archivedAt: string | null;
}

export const officesQuery = queryOptions({
  queryKey: ['offices'],
  queryFn: ({ signal }) => get<{ items: Office[] }>('/offices', { signal }).then(({ items }) => items),
});

export type OfficeFields = Pick<Office, 'code' | 'name' | 'parentId' | 'calendar'>;
const at = (office: Office) => ({ ifMatch: etagOf(office) });

export const createOffice = (input: OfficeFields) => post<Office>('/offices', input);
export const changeOffice = (office: Office, input: Partial<OfficeFields> & { isFallback?: true }) =>
  patch<Office>(`/offices/${office.id}`, input, at(office));
export const archiveOffice = (office: Office) => del<Office>(`/offices/${office.id}`, at(office));
export const setMembers = (office: Office, members: OfficeMember[]) =>
  put<Office>(`/offices/${office.id}/members`, { members }, at(office));
export const setAreas = (office: Office, areas: OfficeArea[]) =>
  put<Office>(`/offices/${office.id}/areas`, { areas }, at(office));
export const setCategories = (office: Office, categories: OfficeCategory[]) =>
  put<Office>(`/offices/${office.id}/categories`, { categories }, at(office));

export interface StandIn {
  id: string;
  userId: string;
  userName: string;
  standInId: string;
  standInName: string;
  from: string;
  until: string;
}
export const standInsQuery = queryOptions({
  queryKey: ['stand-ins'],
  queryFn: ({ signal }) => get<{ items: StandIn[]; version: number }>('/stand-ins', { signal }),
});
export const setStandIns = (version: number, items: Pick<StandIn, 'userId' | 'standInId' | 'from' | 'until'>[]) =>
  put<{ items: StandIn[]; version: number }>('/stand-ins', { items }, { ifMatch: etagOf({ version }) });
