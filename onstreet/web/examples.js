// Cards to begin with, each where it might stand.

const AMERICA = { zone: "America/Los_Angeles", country: "US", subdivision: "CA" };

const lines = (...all) => all.join("\n");

export const EXAMPLES = [
  {
    name: "street",
    asked: {
      ...AMERICA,
      card: lines(
        "Each Hour (Mon-Sat; 9am-6pm; 2 Hour Max): $2",
        "Each Hour (Mon-Sat; 6pm-10pm): $3",
        "Mon-Sat (10pm-9am): Free",
        "Sun | Holidays: Free",
        "Tue Every 1st & 3rd (8am-10am; Street Cleaning): No Parking",
      ),
    },
  },
  {
    name: "residents",
    asked: {
      ...AMERICA,
      card: lines(
        "Mon-Tue | Thu-Sun (7am-2am; Residential Permit Only): Free",
        "Wed (7am-10am; Residential Permit Only): Free",
        "Wed (10am-12pm): No Parking",
        "Wed (12pm-2am; Residential Permit Only): Free",
        "2am-7am: Free",
      ),
    },
  },
  {
    name: "ladder",
    asked: {
      zone: "America/New_York", country: "US", subdivision: "NY",
      card: lines("1 Hour: $5", "Each Add'l 30 Min: $2", "12 Hours: $27", "Daily Max: $30", "Early Bird (In 5am-9am; Out By 6pm): $15"),
    },
  },
  {
    name: "europe",
    asked: {
      zone: "Europe/Amsterdam", country: "NL", subdivision: "",
      card: lines(
        "Each 12 Min (Mon-Sat; 09:00-12:30 & 13:30-19:00): €0.50",
        "Mon-Sat (12:30-13:30): Free",
        "Mon-Sat (19:00-09:00): Free",
        "Sun | Holidays: Free",
        "Mon-Sat (09:00-19:00; ECO Label): Free",
      ),
    },
  },
  {
    name: "season",
    asked: {
      zone: "Europe/Rome", country: "IT", subdivision: "",
      card: lines("Each Hour (Mon-Sun; 08:00-20:00; Jun-Sep): €2.50", "Each Hour (Mon-Fri; 08:00-20:00; Oct-May): €1", "Sat-Sun (Oct-May): Free", "20:00-08:00: Free"),
    },
  },
  {
    name: "mistakes",
    asked: { ...AMERICA, card: lines("mon thru sat (9 a.m.-6 p.m.): $1.50/hr", "Mon-Sat (6pm-9am: Free", "Sunn: Free", "2 Hours: $4", "3 Hours: $3.5") },
  },
];
