// Writes json_numbers.txt: how JSON.stringify prints doubles. Columns: the double's 64 bits in hexadecimal, the text.
//   node tests/vectors/make_json_numbers.mjs [count of random ones] > tests/vectors/json_numbers.txt

const view = new DataView(new ArrayBuffer(8));
const print = (number) => {
  view.setFloat64(0, number);
  console.log(view.getBigUint64(0).toString(16).padStart(16, "0") + "\t" + JSON.stringify(number));
};

let state = 88172645463325252n; // xorshift64: the same file each time
const random = () => (state = BigInt.asUintN(64, (state ^= BigInt.asUintN(64, state << 13n), state ^= state >> 7n, state ^ (state << 17n))));

for (const number of [0, -0, 1, -1, 0.1, 0.2, 0.3, 1 / 3, 1.5, -2.25, 100, 1e5, 123456789, 2 ** 31, 2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2,
  -(2 ** 53), 2 ** 63, 2 ** 64, 1e20, 123456789012345680000, 999999999999999900000, 1e21, 1.5e21, 1e22, 1e100, 1e-5, 1e-6, 1.5e-6,
  9.99e-7, 1e-7, 1.5e-7, 5e-324, 2.2250738585072014e-308, 2.225073858507201e-308, 1.7976931348623157e308, NaN, Infinity, -Infinity,
  0.000001234567890123, 4.35, 0.1 + 0.2, 1e23, 9007199254740993.5, 1234.5678e10, 5e-7, 123e-20]) print(number);
for (let exponent = -30; exponent <= 30; exponent++) for (const digits of ["1", "1.2", "-1.2345678901234567"]) print(Number(`${digits}e${exponent}`));
for (let i = 0; i < Number(process.argv[2] ?? 200); i++) {
  view.setBigUint64(0, random());
  print(view.getFloat64(0));
  print(Number(random() % 2n ** 60n) / 1000);
}
