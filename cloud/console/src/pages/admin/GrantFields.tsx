import { useQuery } from '@tanstack/react-query';
import { Button, Form, Input, Select, TreeSelect } from 'antd';
import { useTranslation } from 'react-i18next';
import { type Grant, type GrantInput, rolesQuery } from '../../api/people.js';
import type { Place } from '../../api/places.js';
import { useMe } from '../../app/session.js';
import { usePlaces } from '../../app/use-place.js';
import { useLabel } from '../../i18n/use-language.js';
import { Icon } from '../../ui/icons.js';

/** What the form holds for one grant: the scope as one value, `tenant` or a place's id. */
export interface GrantRow {
  /** Of a provider's group mapping only. */
  group?: string;
  roleId?: string;
  scope?: string;
}

export const tenantScope = 'tenant';

export const toRows = (grants: (Pick<Grant, 'roleId' | 'scope'> & { group?: string })[]): GrantRow[] =>
  grants.map((grant) => ({
    ...(grant.group === undefined ? {} : { group: grant.group }),
    roleId: grant.roleId,
    scope: grant.scope.kind === 'tenant' ? tenantScope : grant.scope.id,
  }));

/** Rows as the API wants them; the kind of a scope is the kind of its place. */
export function toGrants(rows: GrantRow[], places: Place[]): GrantInput[] {
  return rows.flatMap((row): GrantInput[] => {
    if (!row.roleId || !row.scope) return [];
    if (row.scope === tenantScope) return [{ roleId: row.roleId, scope: { kind: 'tenant' } }];
    const place = places.find((one) => one.id === row.scope);
    if (!place || place.kind === 'counter') return [];
    return [{ roleId: row.roleId, scope: { kind: place.kind, id: place.id } }];
  });
}

interface ScopeNode {
  value: string;
  title: string;
  children: ScopeNode[];
}

/** Roles and where they hold, one row each. */
export function GrantFields({ name = 'grants', title, group }: { name?: string; title?: string; group?: boolean }) {
  const { t } = useTranslation('admin');
  const label = useLabel();
  const me = useMe();
  const places = usePlaces();
  const roles = useQuery(rolesQuery);
  const known = new Set(places.map((place) => place.id));
  const nodes = (parentId: string | null): ScopeNode[] =>
    places
      .filter((place) => place.kind !== 'counter' && !place.archivedAt)
      .filter((place) => (place.parentId && known.has(place.parentId) ? place.parentId : null) === parentId)
      .map((place) => ({ value: place.id, title: label(place.name), children: nodes(place.id) }));
  const scopes = [
    { value: tenantScope, title: `${label(me.tenant.name)} · ${t('everywhere')}`, children: nodes(null) },
  ];
  return (
    <Form.List name={name}>
      {(fields, { add, remove }) => (
        <fieldset className="grants">
          <legend>{title ?? t('people.grants')}</legend>
          {fields.map((field) => (
            <div key={field.key} className="grant">
              {group ? (
                <Form.Item
                  name={[field.name, 'group']}
                  noStyle
                  rules={[{ required: true, whitespace: true, message: t('grant.groupNeeded') }]}
                >
                  <Input
                    className="grant-group"
                    placeholder={t('grant.group')}
                    aria-label={t('grant.group')}
                    maxLength={200}
                  />
                </Form.Item>
              ) : null}
              <Form.Item
                name={[field.name, 'roleId']}
                noStyle
                rules={[{ required: true, message: t('grant.roleNeeded') }]}
              >
                <Select
                  className="grant-role"
                  placeholder={t('grant.role')}
                  aria-label={t('grant.role')}
                  loading={roles.isLoading}
                  options={roles.data?.map((role) => ({ value: role.id, label: label(role.label) })) ?? []}
                />
              </Form.Item>
              <Form.Item
                name={[field.name, 'scope']}
                noStyle
                rules={[{ required: true, message: t('grant.scopeNeeded') }]}
              >
                <TreeSelect
                  className="grant-scope"
                  placeholder={t('grant.scope')}
                  aria-label={t('grant.scope')}
                  treeData={scopes}
                  treeDefaultExpandAll
                  showSearch={{ treeNodeFilterProp: 'title' }}
                />
              </Form.Item>
              <Button
                type="text"
                icon={<Icon name="close" size={16} />}
                aria-label={t('grant.remove')}
                onClick={() => remove(field.name)}
              />
            </div>
          ))}
          <Button type="dashed" block icon={<Icon name="plus" size={16} />} onClick={() => add({})}>
            {t('grant.add')}
          </Button>
        </fieldset>
      )}
    </Form.List>
  );
}
