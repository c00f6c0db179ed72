import { add, app, sendEmail } from "./tasks.js";

const sent = await sendEmail.send({ to: "ada@example.com", subject: "Welcome" });
console.log(`stored ${sent.id} in queue ${sent.queue}`);

await add.sendMany([
  { a: 1, b: 2 },
  { a: 20, b: 22 },
]);

await app.close();
