// Everything that comes in goes to the office, under the office's own number.
VoxEngine.forwardCallToPSTN(function (number) { return '1555' + number.slice(-7); }, null, { callerid: '15550100100' });
