import { z } from '@hono/zod-openapi';
import { createUserSchema, grantInputSchema, grantScopeSchema, userSchema } from '../access/contract.js';

export const signInSchema = z
  .object({ userName: z.string().min(1).max(200), password: z.string().min(1).max(1_000) })
  .openapi('SignIn');

export const changePasswordSchema = z
  .object({ current: z.string().min(1).max(1_000), next: z.string().min(1).max(1_000) })
  .openapi('ChangePassword');

export const localeSchema = z.enum(['zh', 'en']);

export const updateMeSchema = z
  .object({ displayName: z.string().trim().min(1).max(100).optional(), locale: localeSchema.optional() })
  .openapi('UpdateMe');

/** Where one right holds. `tenant: true`: everywhere; else these regions and halls (region grants are resolved). */
export const rightScopeSchema = z.object({
  right: z.string(),
  tenant: z.literal(true).optional(),
  regionIds: z.array(z.uuid()),
  hallIds: z.array(z.uuid()),
});

export const meSchema = z
  .object({
    user: z.object({
      id: z.uuid(),
      userName: z.string(),
      displayName: z.string(),
      email: z.string().nullable(),
      locale: localeSchema,
      mustChangePassword: z.boolean(),
    }),
    tenant: z.object({
      id: z.uuid(),
      name: z.string(),
      timeZone: z.string().describe('Whose days are counted where no hall says otherwise'),
    }),
    rights: z.array(z.string()),
    scopes: z.array(rightScopeSchema),
    signIn: z.object({
      method: z.enum(['password', 'sign-on', 'invitation']).nullable(),
      hasPassword: z.boolean(),
      passwordMinLength: z.int(),
      secondFactor: z.boolean().describe('The person has one that counts'),
      secondFactorPolicy: z.enum(['off', 'optional', 'required']),
      secondFactorDue: z.boolean().describe('Must be set up before anything else works'),
    }),
    serverTime: z.iso.datetime(),
  })
  .openapi('Me');
export type Me = z.infer<typeof meSchema>;

export const exportWaitSchema = z
  .object({
    waitsFor: z
      .enum(['own', 'others'])
      .nullable()
      .describe('null: it would begin; `own`: two of mine are under way; `others`: those of others take all places.'),
  })
  .openapi('ExportWait');

export const mySessionSchema = z
  .object({
    id: z.uuid(),
    createdAt: z.iso.datetime(),
    lastSeenAt: z.iso.datetime().describe('At most a minute old'),
    expiresAt: z.iso.datetime(),
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    method: z.enum(['password', 'sign-on', 'invitation']),
    secondFactor: z.boolean(),
    current: z.boolean(),
  })
  .openapi('MySession');
export type MySession = z.infer<typeof mySessionSchema>;

export const signInStepSchema = z
  .object({
    step: z.literal('second_factor'),
    trustedDeviceDays: z.int().describe('0: this browser cannot be trusted'),
  })
  .openapi('SignInStep');

const codeText = z.string().trim().min(6).max(40);

export const enterCodeSchema = z
  .object({ code: codeText.describe('Six digits of the app, or a recovery code'), trust: z.boolean().default(false) })
  .openapi('EnterCode');
export const codeSchema = z.object({ code: codeText });

export const proofSchema = z.object({ password: z.string().min(1).max(1_000).optional() });

export const trustedDeviceSchema = z.object({
  id: z.uuid(),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});

export const secondFactorSchema = z
  .object({
    policy: z.enum(['off', 'optional', 'required']),
    required: z.boolean(),
    enrolledAt: z.iso.datetime().nullable(),
    recoveryCodesLeft: z.int(),
    trustedDeviceDays: z.int(),
    devices: z.array(trustedDeviceSchema),
  })
  .openapi('SecondFactor');
export type SecondFactor = z.infer<typeof secondFactorSchema>;

export const recoveryCodesSchema = z.object({
  recoveryCodes: z.array(z.string()).describe('Shown this once; each works once'),
});

export const signInPolicySchema = z
  .object({
    secondFactor: z.enum(['off', 'optional', 'required']),
    requiredRoleIds: z.array(z.uuid()).max(100).describe('With `required`: holders of these; empty: everybody'),
    trustedDeviceDays: z.int().min(0).max(90),
    idleMinutes: z.int().min(5).max(1_440),
    absoluteHours: z.int().min(1).max(168),
    passwordMinLength: z.int().min(10).max(64),
    passwordHistory: z.int().min(0).max(24),
    passwordMaxAgeDays: z.int().min(1).max(3_650).nullable(),
  })
  .openapi('SignInRules');
export const signInPolicyDtoSchema = signInPolicySchema.extend({ version: z.int() }).openapi('SignInRulesNow');
export type SignInPolicyDto = z.infer<typeof signInPolicyDtoSchema>;

const hours = z.int().min(1).max(720).default(72);
export const inviteSchema = createUserSchema.extend({ hours }).openapi('Invite');
export const renewInvitationSchema = z.object({ hours });
export const invitedSchema = z.object({
  token: z.string().describe('Shown this once; the link is `/join#<token>`'),
  expiresAt: z.iso.datetime(),
});
export const invitedPersonSchema = z.object({ user: userSchema, invitation: invitedSchema });

const invitationToken = z.string().min(20).max(100);
export const lookInvitationSchema = z.object({ token: invitationToken });
export const acceptInvitationSchema = z.object({ token: invitationToken, password: z.string().min(1).max(1_000) });
export const invitationSignOnSchema = z.object({ token: invitationToken, providerId: z.uuid() });

const publicProviderSchema = z.object({ id: z.uuid(), label: z.string() });
export const publicProvidersSchema = z.object({ items: z.array(publicProviderSchema) });
export type PublicProvider = z.infer<typeof publicProviderSchema>;

export const invitationViewSchema = z
  .object({
    userName: z.string(),
    displayName: z.string(),
    tenantName: z.string(),
    expiresAt: z.iso.datetime(),
    passwordMinLength: z.int(),
    providers: z.array(publicProviderSchema),
  })
  .openapi('InvitationView');
export type InvitationView = z.infer<typeof invitationViewSchema>;

const claimName = z.string().trim().min(1).max(100);
const groupGrantSchema = z.object({
  group: z.string().trim().min(1).max(200),
  roleId: z.uuid(),
  scope: grantScopeSchema,
});

export const providerInputSchema = z
  .object({
    label: z.string().trim().min(1).max(60),
    issuer: z.url({ protocol: /^https?$/ }).max(500),
    clientId: z.string().trim().min(1).max(300),
    clientSecret: z
      .string()
      .min(1)
      .max(1_000)
      .nullable()
      .optional()
      .describe('Never shown again. Left out: as it is; null: none (a public client)'),
    scopes: z
      .array(
        z
          .string()
          .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)
          .max(100),
      )
      .max(20)
      .default(['openid', 'profile', 'email']),
    userNameClaim: claimName.default('preferred_username'),
    displayNameClaim: claimName.default('name'),
    groupsClaim: claimName.nullable().default(null),
    allowedDomains: z
      .array(
        z
          .string()
          .trim()
          .regex(/^[a-z0-9.-]+\.[a-z]{2,}$/i, 'A domain such as example.com')
          .max(253),
      )
      .max(50)
      .default([]),
    provision: z.boolean().default(false).describe('Makes people who are not known yet'),
    defaultGrants: z.array(grantInputSchema).max(50).default([]),
    groupGrants: z.array(groupGrantSchema).max(100).default([]),
    trustsSecondFactor: z.boolean().default(false).describe('A sign-on there counts as a second factor here'),
    enabled: z.boolean().default(true),
  })
  .openapi('SignOnProviderInput');
export type ProviderInput = z.infer<typeof providerInputSchema>;

export const signOnProviderSchema = z
  .object({
    id: z.uuid(),
    label: z.string(),
    issuer: z.string(),
    clientId: z.string(),
    hasSecret: z.boolean(),
    scopes: z.array(z.string()),
    userNameClaim: z.string(),
    displayNameClaim: z.string(),
    groupsClaim: z.string().nullable(),
    allowedDomains: z.array(z.string()),
    provision: z.boolean(),
    defaultGrants: z.array(grantInputSchema),
    groupGrants: z.array(groupGrantSchema),
    trustsSecondFactor: z.boolean(),
    enabled: z.boolean(),
    version: z.int(),
  })
  .openapi('SignOnProvider');
export type SignOnProvider = z.infer<typeof signOnProviderSchema>;

export const providerTestSchema = z
  .object({
    ok: z.boolean(),
    problem: z.string().nullable().describe('`provider_down`, `address_refused` or `wrong_answer`'),
    issuer: z.string().nullable(),
    hasSignOut: z.boolean(),
    hasPkce: z.boolean(),
    scopes: z.array(z.string()),
  })
  .openapi('SignOnProviderTest');
export type ProviderTest = z.infer<typeof providerTestSchema>;

export const startSignOnSchema = z.object({ returnTo: z.string().max(500).optional() });
export const redirectSchema = z.object({ url: z.string().describe('Where the browser goes next') });

export const linkedSignOnSchema = z.object({ providerId: z.uuid(), label: z.string(), linked: z.boolean() });

/** What an administrator sees of how a person signs in. */
export const personSignInSchema = z
  .object({
    hasPassword: z.boolean(),
    passwordChangedAt: z.iso.datetime().nullable(),
    secondFactor: secondFactorSchema,
    sessions: z.array(mySessionSchema),
    signOns: z.array(z.string()).describe('Names of the providers linked'),
    invitation: z.object({ expiresAt: z.iso.datetime(), expired: z.boolean() }).nullable(),
  })
  .openapi('PersonSignIn');
export type PersonSignIn = z.infer<typeof personSignInSchema>;
