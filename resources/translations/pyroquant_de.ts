<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
 <context>
  <name>PyroQuant</name>
  <message>
   <source>Everything that trades</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A thousand symbols, live. Space walks through them; type to filter, or write a rule.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The chart</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Wheel zooms, drag moves, digits set the timeframe, letters another symbol. Right-click for more.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Signals</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What the strategies say, milliseconds after a tick. Click one to see its bar. No orders are placed.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Back-test and walk-forward</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>F9 tests a strategy over years in a blink. The walk-forward next to it says whether the result is luck.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Ctrl+K does everything</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Symbols, commands, strategies, layouts: type a few letters of what you want. F1 shows all keys.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Restore settings, layouts, lists and strategies from {file}? The window starts anew.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Workspace: save as a new one</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Workspace: rename</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Workspace: delete</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Settings</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Back up settings, layouts, lists and strategies</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Restore from a backup</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show the tour again</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Restart the window</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Dark or light</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The settings are saved. Some of them count after a restart of the window.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The settings are saved. Some of them count after a restart of the engine.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Back up</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Preparing PyroQuant for this computer, once: {percent}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The settings are saved.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Name of the new workspace</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New name</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The arrangement is saved as {name}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Restart the engine</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Backed up {n} files to {file}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Panel: {title}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Live</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Chart and live signals</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Backtest</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Back-test a strategy</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Strategies</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What each strategy does</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Engine</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Health of feeds and engine</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Settings (Ctrl+,)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Everything the window can do, by group</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Save, rename or reset this workspace</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Longest refresh, and longest time without an answer, of the last second</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Type a symbol or command</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>loop {ms} ms</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>frame {ms} ms</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{n} stalls</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Workspace {name}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Shortcuts</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Search the shortcuts</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Save</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>All defaults</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{keys} is used twice: by “{one}” and “{other}”.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>General</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Feeds</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Candles</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Indicators</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Warm-up</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Connection</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Storage</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Alerts</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Journal</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Back-test</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Jobs</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Window</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>after a restart of the engine</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>after a restart of the window</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Default</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>empty</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Search the settings</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>on</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Cancel</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Back to {value}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Counts {when}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>In {unit}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Set by {what} for this run.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{n} changed.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Dismiss</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Copy details</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Skip</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Next</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Done</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Folder for candles, state and caches; empty = this user's data folder.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The least serious line the log keeps.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Markets watched live.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Symbols one connection carries at most.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>symbols</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Connections a market is spread over.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>connections</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Extend the running bar by every trade between two candle frames.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stream host of Binance spot.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>REST host of Binance spot.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stream host of Binance futures.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>REST host of Binance futures.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Host of Binance's public archive of candles.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>REST host of OANDA; api-fxtrade.oanda.com with a token of a live account.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Proxy for all exchange traffic, as http://host:port; empty = none.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Timeframes kept live.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Periods in bars for which a bank computes an indicator side by side.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Bars of history every symbol and timeframe starts from.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>bars</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Leave the engine running when the window that started it closes.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>An engine whose window crashed stops after this long without another.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>minutes</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Where windows reach the engine, or a redis:// URL; empty = a local socket.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Changed rows go out together this often.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>ms</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Database URL of the state; empty = SQLite in the data folder.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Folder or URL of the candle lake; empty = in the data folder.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show signals of the running bar before it closes.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Bars after an alert in which the same condition of a strategy does not alert again on a symbol and timeframe; its signals are journaled and marked quiet.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The same for single strategies, as rsi_revert=12; they outweigh the number for all.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Signals to be told of, a rule each, as strategy=rsi_* symbol=binance-spot:* timeframe=1h side=long action=entry strength&gt;=1.5 sound desktop; empty = none.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Alerts a second at most; the others are counted.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>alerts</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Confirmed signals are kept this long.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>days</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Provisional and withdrawn signals are kept this long.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Slippage per fill, against the trader.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>basis points of the price</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Fee per fill as a fraction of the traded value; -1 = the market's taker fee.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Cash a test starts with.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>account currency</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Threads a walk-forward runs on; 0 = as many as there are cores.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>threads</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Dask scheduler that walk-forwards run on, as tcp://127.0.0.1:8786 or tls://host:8786; empty = here.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Colours of the window.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Colours of rising and falling; blue and orange can be told apart by everybody.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Language of the window.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Zone times are shown in: local, UTC or a name as Europe/London.</source>
   <translation type="unfinished" />
  </message>
 </context>
</TS>
