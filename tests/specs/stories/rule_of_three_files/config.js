// Only declares: numbers and texts of this application.
var CONFIG = { office: '15550100100', greeting: 'Welcome to the office', hours: [9, 17] };
