// Does with jsforce what its users do, against the address in argv, and prints what came back.

import { createRequire } from "node:module";

const [modules, given] = process.argv.slice(2);
const jsforce = createRequire(modules)("jsforce");
const { address, clientId, clientSecret, assertion, refreshToken } = JSON.parse(given);
const KEY = "HubSpot_Contact_Id__c";

function connection(changes = {}) {
  const oauth2 = { loginUrl: address, clientId, clientSecret };
  return new jsforce.Connection({ oauth2, version: "67.0", ...changes });
}

async function connected(changes) {
  const made = connection(changes);
  await made.authorize({ grant_type: "client_credentials" });
  return made;
}

async function refusal(work) {
  try {
    await work();
  } catch (error) {
    return { name: error.name, code: error.errorCode, message: error.message, data: error.data };
  }
  return null;
}

function people(first, last) {
  const numbers = Array.from({ length: last - first }, (_, index) => first + index);
  return numbers.map((n) => ({ LastName: `N${String(n).padStart(4, "0")}`, [KEY]: String(n) }));
}

const visits = {
  async grants() {
    const byCredentials = connection();
    const user = await byCredentials.authorize({ grant_type: "client_credentials" });
    const byAssertion = connection();
    const grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    await byAssertion.authorize({ grant_type: grant, assertion });
    const bare = connection({ instanceUrl: address, accessToken: byCredentials.accessToken });
    const wrong = connection({ oauth2: { loginUrl: address, clientId, clientSecret: "wrong" } });
    return {
      user,
      identity: await byCredentials.identity(),
      found: await bare.identity(),
      asserted: (await byAssertion.query("SELECT COUNT() FROM User")).totalSize,
      refused: await refusal(() => wrong.authorize({ grant_type: "client_credentials" })),
    };
  },

  async refresh() {
    const stale = connection({ instanceUrl: address, accessToken: "00D!stale", refreshToken });
    const renewed = [];
    stale.on("refresh", (token) => renewed.push(token));
    const counted = await stale.query("SELECT COUNT() FROM Contact");
    await stale.logout();
    return { size: counted.totalSize, renewed: renewed.length };
  },

  async record() {
    const contacts = (await connected()).sobject("Contact");
    const made = await contacts.create({ LastName: "Lovelace", Email: "Ada@Example.com" });
    const read = await contacts.retrieve(made.id);
    const updated = await contacts.update({ Id: made.id, Title: "Countess" });
    const again = await contacts.retrieve(made.id);
    const destroyed = await contacts.destroy(made.id);
    const gone = await refusal(() => contacts.retrieve(made.id));
    return { made, read, updated, again, destroyed, gone };
  },

  async upsert() {
    const conn = await connected();
    const contacts = conn.sobject("Contact");
    const created = await contacts.upsert({ [KEY]: "u1", LastName: "Lovelace" }, KEY);
    const updated = await contacts.upsert({ [KEY]: "u1", LastName: "King" }, KEY);
    const many = await contacts.upsert(
      [{ [KEY]: "u1", LastName: "Byron" }, { [KEY]: "u2", LastName: "New" }, { [KEY]: "u3" }],
      KEY,
    );
    const old = (await connected({ version: "45.0" })).sobject("Contact");
    const silent = await old.upsert({ [KEY]: "u1", LastName: "King" }, KEY);
    return { created, updated, many, silent };
  },

  async collections() {
    const contacts = (await connected()).sobject("Contact");
    const made = await contacts.create(people(0, 450), { allowRecursive: true });
    const ids = made.map((result) => result.id);
    const rows = await contacts.retrieve(ids.slice(0, 3));
    const changes = [{ Id: ids[0], Title: "T" }, { Id: ids[1], LastName: "x".repeat(81) }];
    const partly = await contacts.update(changes);
    const together = await contacts.update(changes, { allOrNone: true });
    const destroyed = await contacts.destroy(ids.slice(0, 2));
    const ok = made.every((result) => result.success);
    return { made: made.length, ok, rows, partly, together, destroyed };
  },

  async query() {
    const conn = await connected();
    const fields = "Id, LastName, Owner.Name";
    const soql = `SELECT ${fields} FROM Contact WHERE ${KEY} != null ORDER BY LastName`;
    const first = await conn.query(soql);
    const second = await conn.queryMore(first.nextRecordsUrl);
    const all = await conn.query(soql, { autoFetch: true, maxFetch: 10000 });
    const found = await conn
      .sobject("Contact")
      .find({ LastName: { $like: "N00%" }, Email: null }, ["Id", "LastName"])
      .sort({ LastName: -1 })
      .limit(3);
    const not = { LastName: { $like: "N00%" }, $not: { LastName: { $like: "N000%" } } };
    const deleted = await conn.query(soql.replace("!= null", "= '0'"), { scanAll: true });
    return {
      total: first.totalSize,
      pages: [first.records.length, second.records.length],
      all: all.records.map((row) => row.LastName),
      owner: all.records[0].Owner.Name,
      found: found.map((row) => row.LastName),
      without: await conn.sobject("Contact").count(not),
      deleted: deleted.records.length,
      refused: await refusal(() => conn.query("SELECT Nonsense FROM Contact")),
    };
  },

  async schema() {
    const conn = await connected();
    const lead = await conn.describe("Lead");
    const every = await conn.describeGlobal();
    return {
      company: lead.fields.find((field) => field.name === "Company").length,
      objects: every.sobjects.map((each) => each.name),
      recent: (await conn.request("/sobjects/Contact")).recentItems,
      versions: (await conn.request(`${address}/services/data`)).length,
    };
  },

  async composite() {
    const conn = await connected();
    const base = "/services/data/v67.0";
    const answer = await conn.requestPost("/composite", {
      compositeRequest: [
        {
          method: "POST",
          url: `${base}/sobjects/Account`,
          referenceId: "company",
          body: { Name: "Acme" },
        },
        {
          method: "PATCH",
          url: `${base}/composite/sobjects/Contact/${KEY}`,
          referenceId: "people",
          body: {
            records: people(1000, 1010).map((fields) => ({
              attributes: { type: "Contact" },
              AccountId: "@{company.id}",
              ...fields,
            })),
          },
        },
      ],
    });
    const counted = await conn.query("SELECT COUNT() FROM Contact WHERE Account.Name = 'Acme'");
    return { answer, counted: counted.totalSize };
  },

  async changes() {
    const conn = await connected();
    const end = new Date(Date.now() + 60000);
    const start = new Date(Date.now() - 600000);
    const updated = await conn.sobject("Contact").updated(start, end);
    const deleted = await conn.sobject("Contact").deleted(start, end);
    return {
      updated: updated.ids.length,
      deleted: deleted.deletedRecords.length,
      covered: updated.latestDateCovered,
    };
  },

  async limits() {
    const conn = await connected();
    return { limits: (await conn.limits()).DailyApiRequests, info: conn.limitInfo };
  },

  async refusals() {
    const conn = await connected();
    const contacts = conn.sobject("Contact");
    await contacts.create([1, 2].map(() => ({ LastName: "L", Email: "twice@example.com" })));
    return {
      required: await refusal(() => contacts.create({ FirstName: "Ada" })),
      unknown: await refusal(() => contacts.create({ LastName: "L", Nonsense__c: "x" })),
      several: await refusal(() => contacts.upsert({ Email: "twice@example.com" }, "Email")),
      lost: await refusal(() => contacts.retrieve("003000000000001AAA")),
    };
  },
};

const seen = {};
for (const [name, visit] of Object.entries(visits)) {
  try {
    seen[name] = await visit();
  } catch (error) {
    seen[name] = { failed: `${error.stack}` };
  }
}
console.log(JSON.stringify(seen));
