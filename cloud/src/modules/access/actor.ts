import { HubError } from '@hallhub/shared';
import { type Right, rightIds } from './rights.js';

/** Where something happens. `'tenant'` needs a grant over the whole tenant. */
export type Scope = 'tenant' | { readonly hallId: string } | { readonly regionId: string };

/** Which halls a right reaches: all of the tenant's, or these. */
export type HallReach = 'all' | readonly string[];

/** One right's reach after grants were resolved: region grants already include what lies below the region. */
export interface Reach {
  readonly all: boolean;
  readonly regionIds: ReadonlySet<string>;
  readonly hallIds: ReadonlySet<string>;
}

/** Who acts, for one tenant. Made once a request from the grants as they stand; never kept longer than that. */
export interface Actor {
  readonly kind: 'user' | 'system' | 'apikey';
  /** Null for the system itself (first start, alarms, jobs) and for programs with an API key. */
  readonly userId: string | null;
  /** Of a program; `userName` is then the key's name. */
  readonly apiKeyId?: string;
  /** Who made the program's key: it does not stand for them where something is their own. */
  readonly madeBy?: string;
  readonly userName: string;
  readonly tenantId: string;
  /** True until the one-time password was replaced: nothing but changing it works. */
  readonly mustChangePassword: boolean;
  /** True until the second factor that the organisation's rules ask for was set up: nothing but that works. */
  readonly secondFactorDue?: boolean;
  /** False in an organisation beside the installation's own: nobody there holds `installationRights`. */
  readonly ofInstallation?: boolean;
  /** Rights held over at least one place. */
  readonly rights: ReadonlySet<Right>;
  can(right: Right, scope: Scope): boolean;
  canAnywhere(right: Right): boolean;
  /** The halls that lists may show. */
  scopeFilter(right: Right): HallReach;
  /** The regions that lists may show. */
  regionFilter(right: Right): HallReach;
  /** Throws `forbidden` where `can` says no. */
  require(right: Right, scope: Scope): void;
}

export interface UserActorFacts {
  readonly userId: string;
  readonly userName: string;
  readonly tenantId: string;
  readonly mustChangePassword: boolean;
  readonly ofInstallation?: boolean;
  readonly reaches: ReadonlyMap<Right, Reach>;
}

export const userActor = (facts: UserActorFacts): Actor => ({
  kind: 'user',
  userId: facts.userId,
  userName: facts.userName,
  tenantId: facts.tenantId,
  mustChangePassword: facts.mustChangePassword,
  ...(facts.ofInstallation === undefined ? {} : { ofInstallation: facts.ofInstallation }),
  ...permissions(facts.reaches),
});

export interface ApiKeyActorFacts {
  readonly apiKeyId: string;
  readonly madeBy: string;
  readonly name: string;
  readonly tenantId: string;
  /** What the key was given. */
  readonly rights: readonly string[];
  /** Where it was given that. */
  readonly within: Reach;
  readonly ofInstallation?: boolean;
  /** What the person who made the key holds now. */
  readonly reaches: ReadonlyMap<Right, Reach>;
}

/** A program: what its key was given, where its maker still holds the same. */
export const apiKeyActor = (facts: ApiKeyActorFacts): Actor => {
  const given = new Set(facts.rights);
  const reaches = [...facts.reaches].filter(([right]) => given.has(right));
  return {
    kind: 'apikey',
    userId: null,
    apiKeyId: facts.apiKeyId,
    madeBy: facts.madeBy,
    userName: facts.name,
    tenantId: facts.tenantId,
    mustChangePassword: false,
    ...(facts.ofInstallation === undefined ? {} : { ofInstallation: facts.ofInstallation }),
    ...permissions(new Map(reaches.map(([right, reach]) => [right, intersect(reach, facts.within)]))),
  };
};

const intersect = (a: Reach, b: Reach): Reach => {
  const both = (of: 'regionIds' | 'hallIds'): ReadonlySet<string> => {
    if (a.all) return b[of];
    return b.all ? a[of] : new Set([...a[of]].filter((id) => b[of].has(id)));
  };
  return { all: a.all && b.all, regionIds: both('regionIds'), hallIds: both('hallIds') };
};

type Permissions = Pick<Actor, 'rights' | 'can' | 'canAnywhere' | 'scopeFilter' | 'regionFilter' | 'require'>;

const permissions = (reaches: ReadonlyMap<Right, Reach>): Permissions => {
  const canAnywhere = (right: Right) => {
    const reach = reaches.get(right);
    return reach !== undefined && (reach.all || reach.regionIds.size > 0 || reach.hallIds.size > 0);
  };
  const can = (right: Right, scope: Scope) => {
    const reach = reaches.get(right);
    if (!reach) return false;
    if (reach.all) return true;
    if (scope === 'tenant') return false;
    return 'hallId' in scope ? reach.hallIds.has(scope.hallId) : reach.regionIds.has(scope.regionId);
  };
  const filter = (right: Right, of: 'hallIds' | 'regionIds'): HallReach => {
    const reach = reaches.get(right);
    return reach?.all ? 'all' : [...(reach?.[of] ?? [])];
  };
  return {
    rights: new Set(rightIds.filter(canAnywhere)),
    can,
    canAnywhere,
    scopeFilter: (right) => filter(right, 'hallIds'),
    regionFilter: (right) => filter(right, 'regionIds'),
    require(right, scope) {
      if (!can(right, scope)) throw forbidden(right);
    },
  };
};

/** The system acting for a tenant: everything is allowed, and the audit trail says that it was the system. */
export const systemActor = (tenantId: string, name = 'system'): Actor => ({
  kind: 'system',
  userId: null,
  userName: name,
  tenantId,
  mustChangePassword: false,
  rights: new Set(rightIds),
  can: () => true,
  canAnywhere: () => true,
  scopeFilter: () => 'all',
  regionFilter: () => 'all',
  require: () => {},
});

export const forbidden = (right: Right): HubError =>
  new HubError('forbidden', `This needs the right ${right} there`, {
    context: { right },
    hint: 'Ask somebody with the right grant.write to give a role that has it.',
  });

/** Who it is, for keys and limits that are counted by caller: a person's id or an API key's. Null: the system. */
export const principalId = (actor: Actor): string | null => actor.userId ?? actor.apiKeyId ?? null;
