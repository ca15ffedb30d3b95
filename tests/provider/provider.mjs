// A real OpenID provider for the tests: certified code with two public clients, without a person in
// front of it. Whoever signs in is named by the request header `x-person`; `deny` refuses. The header
// `x-authenticated` dates their login.
//
// Prints `{"issuer": …}` once it listens, and ends when its standard input does. Its tests steer it:
//   POST /control/rotate            new signing keys, the old ones gone
//   POST /control/claims {sub: {…}} what it says about people; `gone`: it knows them no more
//   POST /control/seen              which endpoints were asked, in order
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const claims = {};
const seen = [];
let provider, handle;

function client(id, extra) {
  return {
    client_id: id,
    application_type: "native",
    token_endpoint_auth_method: "none",
    redirect_uris: ["http://127.0.0.1/callback"],
    response_types: ["code"],
    require_auth_time: true,
    grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
    ...extra,
  };
}

function key(kind, options, alg) {
  const { privateKey } = generateKeyPairSync(kind, options);
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg };
}

function start(issuer) {
  provider = new Provider(issuer, {
    clients: [
      client("makegood"),
      client("makegood-ec", { id_token_signed_response_alg: "ES256" }),
      client("somebody-elses"),
    ],
    jwks: { keys: [key("rsa", { modulusLength: 2048 }, "RS256"), key("ec", { namedCurve: "P-256" }, "ES256")] },
    cookies: { keys: [randomUUID()] },
    // What the house wants to know stands in the ID token itself.
    conformIdTokenClaims: false,
    // Two tokens of one second are two, by `jti`.
    claims: { openid: ["sub", "auth_time", "jti"], profile: ["name"], makegood: ["roles", "customers", "realm"] },
    scopes: ["openid", "offline_access", "profile", "makegood"],
    features: {
      devInteractions: { enabled: false },
      deviceFlow: { enabled: true },
      revocation: { enabled: true },
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    issueRefreshToken: (_ctx, asking) => asking.grantTypeAllowed("refresh_token"),
    findAccount: (_ctx, sub) =>
      claims[sub]?.gone ? undefined : { accountId: sub, claims: () => ({ sub, jti: randomUUID(), ...claims[sub] }) },
    ttl: { AccessToken: 3600, AuthorizationCode: 60, DeviceCode: 600, Grant: 86400, IdToken: 3600, Interaction: 600, RefreshToken: 86400, Session: 86400 },
  });
  handle = provider.callback();
}

/** Signs in and consents, as whoever the header names. */
async function interact(request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  const person = request.headers["x-person"] ?? "deny";
  if (person === "deny") {
    const refused = { error: "access_denied", error_description: "the person refused" };
    return provider.interactionFinished(request, response, refused);
  }
  if (prompt.name === "login") {
    const ts = Number(request.headers["x-authenticated"]) || undefined;
    return provider.interactionFinished(request, response, { login: { accountId: person, ts } });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope ?? "openid");
  const grantId = await grant.save();
  return provider.interactionFinished(request, response, { consent: { grantId } }, { mergeWithLastSubmission: true });
}

async function body(request) {
  let text = "";
  for await (const part of request) text += part;
  return text;
}

async function control(request, response) {
  if (request.url === "/control/rotate") start(provider.issuer);
  if (request.url === "/control/claims") Object.assign(claims, JSON.parse(await body(request)));
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(seen));
}

const server = createServer(async (request, response) => {
  try {
    const path = request.url.split("?")[0];
    if (path.startsWith("/control/")) return await control(request, response);
    seen.push(`${request.method} ${path}`);
    if (path.startsWith("/interaction/")) return await interact(request, response);
    return handle(request, response);
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error?.stack ?? error));
  }
});
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  start(issuer);
  console.log(JSON.stringify({ issuer }));
});
// Whoever started it reads that one line; what the provider remarks later must not end it.
process.stdout.on("error", () => {});
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
