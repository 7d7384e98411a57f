<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
 <context>
  <name>PyroQuant</name>
  <message>
   <source>Find a symbol or command</source>
   <translation>Symbol oder Befehl suchen</translation>
  </message>
  <message>
   <source>Window</source>
   <translation>Fenster</translation>
  </message>
  <message>
   <source>Show all shortcuts</source>
   <translation>Alle Tastenkürzel zeigen</translation>
  </message>
  <message>
   <source>Layout: Trade</source>
   <translation>Layout: Trade</translation>
  </message>
  <message>
   <source>Layout: Research</source>
   <translation>Layout: Research</translation>
  </message>
  <message>
   <source>Layout: Optimise</source>
   <translation>Layout: Optimieren</translation>
  </message>
  <message>
   <source>Layout: Data</source>
   <translation>Layout: Daten</translation>
  </message>
  <message>
   <source>Layout: save this arrangement</source>
   <translation>Layout: diese Anordnung speichern</translation>
  </message>
  <message>
   <source>Layout: back to the default</source>
   <translation>Layout: zurück zum Standard</translation>
  </message>
  <message>
   <source>Close the focused panel</source>
   <translation>Aktives Panel schließen</translation>
  </message>
  <message>
   <source>Full screen</source>
   <translation>Vollbild</translation>
  </message>
  <message>
   <source>Quit</source>
   <translation>Beenden</translation>
  </message>
  <message>
   <source>Reload the chart</source>
   <translation>Chart neu laden</translation>
  </message>
  <message>
   <source>Market</source>
   <translation>Markt</translation>
  </message>
  <message>
   <source>Engine: restart</source>
   <translation>Engine: neu starten</translation>
  </message>
  <message>
   <source>Engine</source>
   <translation>Engine</translation>
  </message>
  <message>
   <source>Copy the last error</source>
   <translation>Letzten Fehler kopieren</translation>
  </message>
  <message>
   <source>Watchlist</source>
   <translation>Watchlist</translation>
  </message>
  <message>
   <source>Up, Down</source>
   <translation>Auf, Ab</translation>
  </message>
  <message>
   <source>Move</source>
   <translation>Bewegen</translation>
  </message>
  <message>
   <source>Open the chart</source>
   <translation>Chart öffnen</translation>
  </message>
  <message>
   <source>Space, Shift+Space</source>
   <translation>Leertaste, Umschalt+Leertaste</translation>
  </message>
  <message>
   <source>Next, previous symbol, with its chart</source>
   <translation>Nächstes, voriges Symbol mit Chart</translation>
  </message>
  <message>
   <source>Star</source>
   <translation>Mit Stern</translation>
  </message>
  <message>
   <source>Filter</source>
   <translation>Filter</translation>
  </message>
  <message>
   <source>Ctrl+C</source>
   <translation>Strg+C</translation>
  </message>
  <message>
   <source>Copy the selected rows</source>
   <translation>Gewählte Zeilen kopieren</translation>
  </message>
  <message>
   <source>Signals</source>
   <translation>Signale</translation>
  </message>
  <message>
   <source>Jump to the bar of the signal</source>
   <translation>Zur Kerze des Signals springen</translation>
  </message>
  <message>
   <source>Home</source>
   <translation>Pos1</translation>
  </message>
  <message>
   <source>Newest, and live again</source>
   <translation>Neueste, wieder live</translation>
  </message>
  <message>
   <source>{strategy} at {price}</source>
   <translation>{strategy} bei {price}</translation>
  </message>
  <message>
   <source>, strength {value}</source>
   <translation>, Stärke {value}</translation>
  </message>
  <message>
   <source>, and {n} more of this rule</source>
   <translation>, und {n} weitere dieser Regel</translation>
  </message>
  <message>
   <source>Chart</source>
   <translation>Chart</translation>
  </message>
  <message>
   <source>The picture is on the clipboard and in {path}.</source>
   <translation>Das Bild liegt in der Zwischenablage und in {path}.</translation>
  </message>
  <message>
   <source>The picture is on the clipboard; {path} cannot be written.</source>
   <translation>Das Bild liegt in der Zwischenablage; {path} lässt sich nicht schreiben.</translation>
  </message>
  <message>
   <source>Offline: no exchange can be reached. No candles yet.</source>
   <translation>Offline: Keine Börse ist erreichbar. Noch keine Kerzen.</translation>
  </message>
  <message>
   <source>{words}: restarting in {time} ({reason})</source>
   <translation>{words}: Neustart in {time} ({reason})</translation>
  </message>
  <message>
   <source>Offline: no exchange can be reached. Kept candles and back-tests work; live data comes by itself.</source>
   <translation>Offline: Keine Börse ist erreichbar. Gespeicherte Kerzen und Backtests gehen; Live-Daten kommen von selbst.</translation>
  </message>
  <message>
   <source>Start the demo market</source>
   <translation>Demo-Markt starten</translation>
  </message>
  <message>
   <source>Engine not reached</source>
   <translation>Engine nicht erreicht</translation>
  </message>
  <message>
   <source>Engine lost</source>
   <translation>Engine verloren</translation>
  </message>
  <message>
   <source>Retry now</source>
   <translation>Jetzt versuchen</translation>
  </message>
  <message>
   <source>Closing</source>
   <translation>Wird geschlossen</translation>
  </message>
  <message>
   <source>Starting the demo market</source>
   <translation>Demo-Markt startet</translation>
  </message>
  <message>
   <source>The engine is being started again</source>
   <translation>Die Engine wird neu gestartet</translation>
  </message>
  <message>
   <source>Restarting the engine</source>
   <translation>Engine startet neu</translation>
  </message>
  <message>
   <source>Timeframe</source>
   <translation>Zeitrahmen</translation>
  </message>
  <message>
   <source>Show</source>
   <translation>Zeigen</translation>
  </message>
  <message>
   <source>Something went wrong: {text}</source>
   <translation>Etwas ging schief: {text}</translation>
  </message>
  <message>
   <source>Stale since {when} UTC: the engine is gone</source>
   <translation>Alt seit {when} UTC: Die Engine ist weg</translation>
  </message>
  <message>
   <source>{n} saved drawings could not be read and were left out.</source>
   <translation>{n} gespeicherte Zeichnungen waren nicht lesbar und wurden ausgelassen.</translation>
  </message>
  <message>
   <source>it is far too large</source>
   <translation>sie ist viel zu groß</translation>
  </message>
  <message>
   <source>The saved drawings could not be used ({error}); the charts start without them.</source>
   <translation>Die gespeicherten Zeichnungen sind unbrauchbar ({error}); die Charts starten ohne sie.</translation>
  </message>
  <message>
   <source>The old file was kept as {name}.</source>
   <translation>Die alte Datei bleibt als {name} erhalten.</translation>
  </message>
  <message>
   <source>Drawings cannot be saved: {error}. They stay until the window closes.</source>
   <translation>Zeichnungen lassen sich nicht speichern: {error}. Sie bleiben, bis das Fenster schließt.</translation>
  </message>
  <message>
   <source>Choose a file that was made with “Back up”.</source>
   <translation>Eine Datei wählen, die mit „Sichern“ entstand.</translation>
  </message>
  <message>
   <source>The backup holds "{name}", which does not belong into one.</source>
   <translation>Die Sicherung enthält „{name}“, das dort nicht hingehört.</translation>
  </message>
  <message>
   <source>Do not use it.</source>
   <translation>Nicht verwenden.</translation>
  </message>
  <message>
   <source>Choose another folder.</source>
   <translation>Einen anderen Ordner wählen.</translation>
  </message>
  <message>
   <source>This is not a backup of PyroQuant.</source>
   <translation>Das ist keine Sicherung von PyroQuant.</translation>
  </message>
  <message>
   <source>The backup is far too large.</source>
   <translation>Die Sicherung ist viel zu groß.</translation>
  </message>
  <message>
   <source>The backup cannot be written ({error}).</source>
   <translation>Die Sicherung lässt sich nicht schreiben ({error}).</translation>
  </message>
  <message>
   <source>Make the folder writable and restore again.</source>
   <translation>Den Ordner beschreibbar machen und noch einmal wiederherstellen.</translation>
  </message>
  <message>
   <source>Use the program that wrote it.</source>
   <translation>Das Programm verwenden, das sie schrieb.</translation>
  </message>
  <message>
   <source>The backup cannot be read ({error}).</source>
   <translation>Die Sicherung ist nicht lesbar ({error}).</translation>
  </message>
  <message>
   <source>{file} cannot be written ({error}); what was there before is in {before}.</source>
   <translation>{file} lässt sich nicht schreiben ({error}); das Vorherige liegt in {before}.</translation>
  </message>
  <message>
   <source>The backup is of version {theirs}, this program reads {ours}.</source>
   <translation>Die Sicherung hat Version {theirs}, dieses Programm liest {ours}.</translation>
  </message>
  <message>
   <source>Everything that trades</source>
   <translation>Alles, was gehandelt wird</translation>
  </message>
  <message>
   <source>A thousand symbols, live. Space walks through them; type to filter, or write a rule.</source>
   <translation>Tausend Symbole, live. Die Leertaste geht sie durch; tippen filtert, auch nach einer Regel.</translation>
  </message>
  <message>
   <source>The chart</source>
   <translation>Der Chart</translation>
  </message>
  <message>
   <source>Wheel zooms, drag moves, digits set the timeframe, letters another symbol. Right-click for more.</source>
   <translation>Rad zoomt, Ziehen verschiebt, Ziffern setzen den Zeitrahmen, Buchstaben ein anderes Symbol. Rechtsklick für mehr.</translation>
  </message>
  <message>
   <source>What the strategies say, milliseconds after a tick. Click one to see its bar. No orders are placed.</source>
   <translation>Was die Strategien sagen, Millisekunden nach dem Tick. Ein Klick zeigt die Kerze. Es werden keine Orders aufgegeben.</translation>
  </message>
  <message>
   <source>Back-test and walk-forward</source>
   <translation>Backtest und Walk-forward</translation>
  </message>
  <message>
   <source>F9 tests a strategy over years in a blink. The walk-forward next to it says whether the result is luck.</source>
   <translation>F9 testet eine Strategie im Nu über Jahre. Der Walk-forward daneben sagt, ob das Ergebnis Zufall ist.</translation>
  </message>
  <message>
   <source>Ctrl+K does everything</source>
   <translation>Strg+K kann alles</translation>
  </message>
  <message>
   <source>Symbols, commands, strategies, layouts: type a few letters of what you want. F1 shows all keys.</source>
   <translation>Symbole, Befehle, Strategien, Layouts: ein paar Buchstaben tippen. F1 zeigt alle Tasten.</translation>
  </message>
  <message>
   <source>Restore settings, layouts, lists and strategies from {file}? The window starts anew.</source>
   <translation>Einstellungen, Layouts, Listen und Strategien aus {file} wiederherstellen? Das Fenster startet neu.</translation>
  </message>
  <message>
   <source>Workspace: save as a new one</source>
   <translation>Arbeitsfläche: als neue speichern</translation>
  </message>
  <message>
   <source>Workspace: rename</source>
   <translation>Arbeitsfläche: umbenennen</translation>
  </message>
  <message>
   <source>Workspace: delete</source>
   <translation>Arbeitsfläche: löschen</translation>
  </message>
  <message>
   <source>Settings</source>
   <translation>Einstellungen</translation>
  </message>
  <message>
   <source>Back up settings, layouts, lists and strategies</source>
   <translation>Einstellungen, Layouts, Listen und Strategien sichern</translation>
  </message>
  <message>
   <source>Restore from a backup</source>
   <translation>Aus einer Sicherung wiederherstellen</translation>
  </message>
  <message>
   <source>Show the tour again</source>
   <translation>Rundgang noch einmal zeigen</translation>
  </message>
  <message>
   <source>Restart the window</source>
   <translation>Fenster neu starten</translation>
  </message>
  <message>
   <source>Dark or light</source>
   <translation>Dunkel oder hell</translation>
  </message>
  <message>
   <source>The settings are saved. Some of them count after a restart of the window.</source>
   <translation>Die Einstellungen sind gespeichert. Einige gelten erst nach einem Neustart des Fensters.</translation>
  </message>
  <message>
   <source>The settings are saved. Some of them count after a restart of the engine.</source>
   <translation>Die Einstellungen sind gespeichert. Einige gelten erst nach einem Neustart der Engine.</translation>
  </message>
  <message>
   <source>Back up</source>
   <translation>Sichern</translation>
  </message>
  <message>
   <source>Preparing PyroQuant for this computer, once: {percent}</source>
   <translation>PyroQuant wird für diesen Rechner vorbereitet, einmalig: {percent}</translation>
  </message>
  <message>
   <source>The settings are saved.</source>
   <translation>Die Einstellungen sind gespeichert.</translation>
  </message>
  <message>
   <source>Name of the new workspace</source>
   <translation>Name der neuen Arbeitsfläche</translation>
  </message>
  <message>
   <source>New name</source>
   <translation>Neuer Name</translation>
  </message>
  <message>
   <source>The arrangement is saved as {name}.</source>
   <translation>Die Anordnung ist als {name} gespeichert.</translation>
  </message>
  <message>
   <source>Restart the engine</source>
   <translation>Engine neu starten</translation>
  </message>
  <message>
   <source>Backed up {n} files to {file}.</source>
   <translation>{n} Dateien in {file} gesichert.</translation>
  </message>
  <message>
   <source>The settings file cannot be read.</source>
   <translation>Die Einstellungsdatei ist nicht lesbar.</translation>
  </message>
  <message>
   <source>Delete one first.</source>
   <translation>Zuerst eine löschen.</translation>
  </message>
  <message>
   <source>Save it under another name and change that.</source>
   <translation>Unter anderem Namen speichern und diese ändern.</translation>
  </message>
  <message>
   <source>Choose another name.</source>
   <translation>Einen anderen Namen wählen.</translation>
  </message>
  <message>
   <source>There is no workspace "{name}".</source>
   <translation>Es gibt keine Arbeitsfläche „{name}“.</translation>
  </message>
  <message>
   <source>There are {n} own workspaces already.</source>
   <translation>Es gibt schon {n} eigene Arbeitsflächen.</translation>
  </message>
  <message>
   <source>{name} comes with the program and stays.</source>
   <translation>{name} gehört zum Programm und bleibt.</translation>
  </message>
  <message>
   <source>A name has 1 to {n} letters.</source>
   <translation>Ein Name hat 1 bis {n} Buchstaben.</translation>
  </message>
  <message>
   <source>There is a workspace "{name}" already.</source>
   <translation>Die Arbeitsfläche „{name}“ gibt es schon.</translation>
  </message>
  <message>
   <source>There are {names}.</source>
   <translation>Es gibt {names}.</translation>
  </message>
  <message>
   <source>Trade</source>
   <translation>Trade</translation>
  </message>
  <message>
   <source>Research</source>
   <translation>Research</translation>
  </message>
  <message>
   <source>Optimise</source>
   <translation>Optimieren</translation>
  </message>
  <message>
   <source>Data</source>
   <translation>Daten</translation>
  </message>
  <message>
   <source>Back-test</source>
   <translation>Backtest</translation>
  </message>
  <message>
   <source>Back-test: run</source>
   <translation>Backtest: starten</translation>
  </message>
  <message>
   <source>Back-test: cancel</source>
   <translation>Backtest: abbrechen</translation>
  </message>
  <message>
   <source>Back-test: copy the report</source>
   <translation>Backtest: Bericht kopieren</translation>
  </message>
  <message>
   <source>Back-test: export the report</source>
   <translation>Backtest: Bericht exportieren</translation>
  </message>
  <message>
   <source>Back-test: export trades as CSV</source>
   <translation>Backtest: Trades als CSV exportieren</translation>
  </message>
  <message>
   <source>Export the back-test</source>
   <translation>Backtest exportieren</translation>
  </message>
  <message>
   <source>The run was lost with its engine. Run it again when the engine is back.</source>
   <translation>Der Lauf ging mit seiner Engine verloren. Neu starten, sobald die Engine zurück ist.</translation>
  </message>
  <message>
   <source>There is no engine to run it; it is being started. Try again in a moment.</source>
   <translation>Es läuft keine Engine; sie wird gestartet. Gleich noch einmal versuchen.</translation>
  </message>
  <message>
   <source>There is no run to export yet.</source>
   <translation>Noch kein Lauf zum Exportieren.</translation>
  </message>
  <message>
   <source>The picture is in {path}.</source>
   <translation>Das Bild liegt in {path}.</translation>
  </message>
  <message>
   <source>The picture could not be written to {path}.</source>
   <translation>Das Bild ließ sich nicht nach {path} schreiben.</translation>
  </message>
  <message>
   <source>The run failed; the engine gave no reason.</source>
   <translation>Der Lauf ist fehlgeschlagen; die Engine nannte keinen Grund.</translation>
  </message>
  <message>
   <source>{n} of {all} runs failed, as {symbol}: {why}</source>
   <translation>{n} von {all} Läufen sind fehlgeschlagen, etwa {symbol}: {why}</translation>
  </message>
  <message>
   <source>Written to {folder}: {names} ({size})</source>
   <translation>Geschrieben nach {folder}: {names} ({size})</translation>
  </message>
  <message>
   <source>The report could not be made: {why}</source>
   <translation>Der Bericht ließ sich nicht erstellen: {why}</translation>
  </message>
  <message>
   <source>The trades are in {path}.</source>
   <translation>Die Trades liegen in {path}.</translation>
  </message>
  <message>
   <source>{n} of {all} runs were cancelled.</source>
   <translation>{n} von {all} Läufen wurden abgebrochen.</translation>
  </message>
  <message>
   <source>Panels</source>
   <translation>Panels</translation>
  </message>
  <message>
   <source>Panel: {title}</source>
   <translation>Panel: {title}</translation>
  </message>
  <message>
   <source>Charts: next</source>
   <translation>Charts: nächster</translation>
  </message>
  <message>
   <source>Charts: previous</source>
   <translation>Charts: voriger</translation>
  </message>
  <message>
   <source>Charts: this one alone, or all</source>
   <translation>Charts: nur dieser oder alle</translation>
  </message>
  <message>
   <source>Drawings: hide or show all</source>
   <translation>Zeichnungen: alle aus- oder einblenden</translation>
  </message>
  <message>
   <source>Drawings: lock or unlock all</source>
   <translation>Zeichnungen: alle sperren oder freigeben</translation>
  </message>
  <message>
   <source>{symbol} rose to {price}</source>
   <translation>{symbol} stieg auf {price}</translation>
  </message>
  <message>
   <source>{symbol} fell to {price}</source>
   <translation>{symbol} fiel auf {price}</translation>
  </message>
  <message>
   <source>alert line at {price}</source>
   <translation>Alarmlinie bei {price}</translation>
  </message>
  <message>
   <source>Compare with…</source>
   <translation>Vergleichen mit…</translation>
  </message>
  <message>
   <source>{symbol} is not a symbol of this engine.</source>
   <translation>{symbol} ist kein Symbol dieser Engine.</translation>
  </message>
  <message>
   <source>Data: download candles</source>
   <translation>Daten: Kerzen herunterladen</translation>
  </message>
  <message>
   <source>Data: import a file</source>
   <translation>Daten: Datei importieren</translation>
  </message>
  <message>
   <source>Data: check the quality</source>
   <translation>Daten: Qualität prüfen</translation>
  </message>
  <message>
   <source>Checking</source>
   <translation>Prüfung läuft</translation>
  </message>
  <message>
   <source>{n} series checked in {s} s, {bad} of them with faults.</source>
   <translation>{n} Reihen in {s} s geprüft, {bad} davon fehlerhaft.</translation>
  </message>
  <message>
   <source>Reading the lake</source>
   <translation>Bestand wird gelesen</translation>
  </message>
  <message>
   <source>Download {names}</source>
   <translation>Download {names}</translation>
  </message>
  <message>
   <source>Import {name}</source>
   <translation>Import {name}</translation>
  </message>
  <message>
   <source>Export {name}</source>
   <translation>Export {name}</translation>
  </message>
  <message>
   <source>Repair {names}</source>
   <translation>Reparatur {names}</translation>
  </message>
  <message>
   <source>The engine is gone; go on when it is back.</source>
   <translation>Die Engine ist weg; weiter geht es, wenn sie zurück ist.</translation>
  </message>
  <message>
   <source>all</source>
   <translation>alle</translation>
  </message>
  <message>
   <source>Charts have no timeframe {name}; SQL and export do.</source>
   <translation>Charts haben keinen Zeitrahmen {name}; SQL und Export schon.</translation>
  </message>
  <message>
   <source>Editor</source>
   <translation>Editor</translation>
  </message>
  <message>
   <source>Editor: a new strategy</source>
   <translation>Editor: neue Strategie</translation>
  </message>
  <message>
   <source>Editor: save the strategy</source>
   <translation>Editor: Strategie speichern</translation>
  </message>
  <message>
   <source>Rename</source>
   <translation>Umbenennen</translation>
  </message>
  <message>
   <source>Overwrite it</source>
   <translation>Überschreiben</translation>
  </message>
  <message>
   <source>Save it without marks first: a back-test runs what is saved.</source>
   <translation>Erst fehlerfrei speichern: Ein Backtest führt aus, was gespeichert ist.</translation>
  </message>
  <message>
   <source>Another name for {name}</source>
   <translation>Ein anderer Name für {name}</translation>
  </message>
  <message>
   <source>{name} is deleted; its strategies are no longer live.</source>
   <translation>{name} ist gelöscht; die Strategien darin sind nicht mehr live.</translation>
  </message>
  <message>
   <source>Bring it back</source>
   <translation>Zurückholen</translation>
  </message>
  <message>
   <source>{market} shard {shard} is reconnecting; its gap is filled afterwards.</source>
   <translation>{market} Shard {shard} verbindet sich neu; die Lücke wird danach gefüllt.</translation>
  </message>
  <message>
   <source>Jobs</source>
   <translation>Aufträge</translation>
  </message>
  <message>
   <source>{title} is done.</source>
   <translation>{title} ist fertig.</translation>
  </message>
  <message>
   <source>Log</source>
   <translation>Log</translation>
  </message>
  <message>
   <source>Live against back-test</source>
   <translation>Live gegen Backtest</translation>
  </message>
  <message>
   <source>Compare yesterday's signals with the back-test</source>
   <translation>Signale von gestern mit dem Backtest vergleichen</translation>
  </message>
  <message>
   <source>“{day}” is no date; write it as 2026-11-22.</source>
   <translation>„{day}“ ist kein Datum; Schreibweise: 2026-11-22.</translation>
  </message>
  <message>
   <source>Replay</source>
   <translation>Replay</translation>
  </message>
  <message>
   <source>Replay from here</source>
   <translation>Replay ab hier</translation>
  </message>
  <message>
   <source>Replay: play or pause</source>
   <translation>Replay: abspielen oder anhalten</translation>
  </message>
  <message>
   <source>Replay: on to the close of the bar</source>
   <translation>Replay: weiter zum Kerzenschluss</translation>
  </message>
  <message>
   <source>Replay: back to live</source>
   <translation>Replay: zurück zu live</translation>
  </message>
  <message>
   <source>Open a chart first; the replay begins at one of its bars.</source>
   <translation>Zuerst einen Chart öffnen; das Replay beginnt an einer seiner Kerzen.</translation>
  </message>
  <message>
   <source>Runs</source>
   <translation>Läufe</translation>
  </message>
  <message>
   <source>Runs: compare the selected ones</source>
   <translation>Läufe: gewählte vergleichen</translation>
  </message>
  <message>
   <source>Export the run</source>
   <translation>Lauf exportieren</translation>
  </message>
  <message>
   <source>Reading the kept runs</source>
   <translation>Gespeicherte Läufe werden gelesen</translation>
  </message>
  <message>
   <source>Select two to four runs with Ctrl or Shift and a click, then compare.</source>
   <translation>Zwei bis vier Läufe mit Strg oder Umschalt und Klick wählen, dann vergleichen.</translation>
  </message>
  <message>
   <source>{n} runs were deleted.</source>
   <translation>{n} Läufe wurden gelöscht.</translation>
  </message>
  <message>
   <source>The run was deleted.</source>
   <translation>Der Lauf wurde gelöscht.</translation>
  </message>
  <message>
   <source>Written: {names}</source>
   <translation>Geschrieben: {names}</translation>
  </message>
  <message>
   <source>Undo</source>
   <translation>Rückgängig</translation>
  </message>
  <message>
   <source>Alerts: rules and channels</source>
   <translation>Alarme: Regeln und Kanäle</translation>
  </message>
  <message>
   <source>Alerts: new rule</source>
   <translation>Alarme: neue Regel</translation>
  </message>
  <message>
   <source>Signals: export as CSV</source>
   <translation>Signale: als CSV exportieren</translation>
  </message>
  <message>
   <source>REPLAY: these signals are not in the journal</source>
   <translation>REPLAY: Diese Signale stehen nicht im Journal</translation>
  </message>
  <message>
   <source>A list could not be read: {error}</source>
   <translation>Eine Liste war nicht lesbar: {error}</translation>
  </message>
  <message>
   <source>SQL</source>
   <translation>SQL</translation>
  </message>
  <message>
   <source>SQL: run the query</source>
   <translation>SQL: Abfrage ausführen</translation>
  </message>
  <message>
   <source>{n} moments are marked on the chart.</source>
   <translation>{n} Zeitpunkte sind im Chart markiert.</translation>
  </message>
  <message>
   <source>No row is of the chart's symbol.</source>
   <translation>Keine Zeile gehört zum Symbol des Charts.</translation>
  </message>
  <message>
   <source>The engine is gone, and the query with it. Run it again when it is back.</source>
   <translation>Die Engine ist weg und die Abfrage mit ihr. Neu starten, sobald sie zurück ist.</translation>
  </message>
  <message>
   <source>The watchlist takes no lists yet.</source>
   <translation>Die Watchlist nimmt noch keine Listen an.</translation>
  </message>
  <message>
   <source>Strategies</source>
   <translation>Strategien</translation>
  </message>
  <message>
   <source>{title}: {n} entries on {bars} bars are marked on the chart.</source>
   <translation>{title}: {n} Einstiege auf {bars} Kerzen sind im Chart markiert.</translation>
  </message>
  <message>
   <source>What if: drag the strategy's numbers on the chart</source>
   <translation>Was wäre wenn: Zahlen der Strategie im Chart ziehen</translation>
  </message>
  <message>
   <source>Chart: take hits and what-if off</source>
   <translation>Chart: Treffer und Was-wäre-wenn entfernen</translation>
  </message>
  <message>
   <source>There is no chart to show it on.</source>
   <translation>Es gibt keinen Chart, der das zeigen könnte.</translation>
  </message>
  <message>
   <source>This window has no walk-forward panel; use: pyroquant walkforward</source>
   <translation>Dieses Fenster hat kein Walk-forward-Panel; stattdessen: pyroquant walkforward</translation>
  </message>
  <message>
   <source>Back-test: {title}</source>
   <translation>Backtest: {title}</translation>
  </message>
  <message>
   <source>Walk-forward</source>
   <translation>Walk-forward</translation>
  </message>
  <message>
   <source>Walk-forward: run</source>
   <translation>Walk-forward: starten</translation>
  </message>
  <message>
   <source>Walk-forward: stop</source>
   <translation>Walk-forward: anhalten</translation>
  </message>
  <message>
   <source>Walk-forward: resume</source>
   <translation>Walk-forward: fortsetzen</translation>
  </message>
  <message>
   <source>Walk-forward: export the ranking as CSV</source>
   <translation>Walk-forward: Rangliste als CSV exportieren</translation>
  </message>
  <message>
   <source>This one was stopped before it was complete.</source>
   <translation>Dieser wurde vor dem Ende angehalten.</translation>
  </message>
  <message>
   <source>The engine was lost while it ran; what was done is kept. Resume goes on from there.</source>
   <translation>Die Engine ging währenddessen verloren; was fertig war, bleibt. Fortsetzen macht dort weiter.</translation>
  </message>
  <message>
   <source>The engine is gone; what was done is kept, and Resume goes on when it is back.</source>
   <translation>Die Engine ist weg; was fertig war, bleibt. Fortsetzen macht weiter, sobald sie zurück ist.</translation>
  </message>
  <message>
   <source>Stopped. {n} strategies are done and kept; Resume goes on from there.</source>
   <translation>Angehalten. {n} Strategien sind fertig und gespeichert; Fortsetzen macht dort weiter.</translation>
  </message>
  <message>
   <source>{passed} of {n} strategies passed, {trials} parameter sets tried on these candles.</source>
   <translation>{passed} von {n} Strategien bestanden, {trials} Parametersätze auf diesen Kerzen probiert.</translation>
  </message>
  <message>
   <source>A walk-forward runs; stop it, or wait, to open another one.</source>
   <translation>Ein Walk-forward läuft; zum Öffnen eines anderen anhalten oder abwarten.</translation>
  </message>
  <message>
   <source>Rolled back: what was live before is live again.</source>
   <translation>Zurückgerollt: Was vorher live war, ist wieder live.</translation>
  </message>
  <message>
   <source>The page is {path}</source>
   <translation>Die Seite ist {path}</translation>
  </message>
  <message>
   <source>Walk-forward: {symbol}</source>
   <translation>Walk-forward: {symbol}</translation>
  </message>
  <message>
   <source>The walk-forward failed; the engine gave no reason.</source>
   <translation>Der Walk-forward ist fehlgeschlagen; die Engine nannte keinen Grund.</translation>
  </message>
  <message>
   <source>Drawing the paths</source>
   <translation>Pfade werden gezeichnet</translation>
  </message>
  <message>
   <source>{name} is live on {symbol}; roll back under Live.</source>
   <translation>{name} ist auf {symbol} live; zurückrollen unter Live.</translation>
  </message>
  <message>
   <source>Window {n}: {trades} trades, {net} with {params}, now on the chart.</source>
   <translation>Fenster {n}: {trades} Trades, {net} mit {params}, jetzt im Chart.</translation>
  </message>
  <message>
   <source>Walking {n} pairs of lengths</source>
   <translation>{n} Längenpaare werden gerechnet</translation>
  </message>
  <message>
   <source>Window {n}: the trades of its test part are computed.</source>
   <translation>Fenster {n}: Die Trades des Testteils werden gerechnet.</translation>
  </message>
  <message>
   <source>Cancelled.</source>
   <translation>Abgebrochen.</translation>
  </message>
  <message>
   <source>No parameter set fit in window {n}: its test stayed in cash.</source>
   <translation>In Fenster {n} passte kein Parametersatz: Der Test blieb in Cash.</translation>
  </message>
  <message>
   <source>train {n}</source>
   <translation>Train {n}</translation>
  </message>
  <message>
   <source>Filter the watchlist</source>
   <translation>Watchlist filtern</translation>
  </message>
  <message>
   <source>Scan: filter in the rules language</source>
   <translation>Scan: in der Regelsprache filtern</translation>
  </message>
  <message>
   <source>Heat map of the watchlist</source>
   <translation>Heatmap der Watchlist</translation>
  </message>
  <message>
   <source>Watchlist: add a column of the rules language</source>
   <translation>Watchlist: Spalte in der Regelsprache hinzufügen</translation>
  </message>
  <message>
   <source>Watchlist: new list</source>
   <translation>Watchlist: neue Liste</translation>
  </message>
  <message>
   <source>Next symbol</source>
   <translation>Nächstes Symbol</translation>
  </message>
  <message>
   <source>Previous symbol</source>
   <translation>Voriges Symbol</translation>
  </message>
  <message>
   <source>Star this symbol</source>
   <translation>Symbol mit Stern markieren</translation>
  </message>
  <message>
   <source>No symbols: no exchange can be reached.</source>
   <translation>Keine Symbole: Keine Börse ist erreichbar.</translation>
  </message>
  <message>
   <source>There is no engine to read it at the moment.</source>
   <translation>Gerade gibt es keine Engine, die es lesen könnte.</translation>
  </message>
  <message>
   <source>List: {name}</source>
   <translation>Liste: {name}</translation>
  </message>
  <message>
   <source>Scan: {name}</source>
   <translation>Scan: {name}</translation>
  </message>
  <message>
   <source>The column {column} stays empty: {what}</source>
   <translation>Die Spalte {column} bleibt leer: {what}</translation>
  </message>
  <message>
   <source>Why</source>
   <translation>Warum</translation>
  </message>
  <message>
   <source>Why here? The bar under the crosshair</source>
   <translation>Warum hier? Die Kerze unter dem Fadenkreuz</translation>
  </message>
  <message>
   <source>Asking all strategies</source>
   <translation>Alle Strategien werden gefragt</translation>
  </message>
  <message>
   <source>There is no later signal.</source>
   <translation>Es gibt kein späteres Signal.</translation>
  </message>
  <message>
   <source>There is no earlier signal.</source>
   <translation>Es gibt kein früheres Signal.</translation>
  </message>
  <message>
   <source>restart requested</source>
   <translation>Neustart verlangt</translation>
  </message>
  <message>
   <source>it ended without a word</source>
   <translation>sie endete ohne ein Wort</translation>
  </message>
  <message>
   <source>There is no engine to ask; it is being started.</source>
   <translation>Gerade läuft keine Engine; sie wird gestartet.</translation>
  </message>
  <message>
   <source>Try again in a moment.</source>
   <translation>Gleich noch einmal versuchen.</translation>
  </message>
  <message>
   <source>{title} ({turned}) is run with every figure and kept among the runs.</source>
   <translation>{title} ({turned}) wird mit allen Kennzahlen gerechnet und bei den Läufen gespeichert.</translation>
  </message>
  <message>
   <source>as it is</source>
   <translation>wie es ist</translation>
  </message>
  <message>
   <source>The saved layout could not be used ({error}); the window starts with its default layout.</source>
   <translation>Das gespeicherte Layout ist unbrauchbar ({error}); das Fenster startet mit dem Standardlayout.</translation>
  </message>
  <message>
   <source>Webhook</source>
   <translation>Webhook</translation>
  </message>
  <message>
   <source>URL</source>
   <translation>URL</translation>
  </message>
  <message>
   <source>Telegram</source>
   <translation>Telegram</translation>
  </message>
  <message>
   <source>Bot token</source>
   <translation>Bot-Token</translation>
  </message>
  <message>
   <source>Mail</source>
   <translation>E-Mail</translation>
  </message>
  <message>
   <source>Password</source>
   <translation>Passwort</translation>
  </message>
  <message>
   <source>The engine sends them, also while no window is open. Secrets go into the keyring of its computer.</source>
   <translation>Die Engine sendet sie, auch wenn kein Fenster offen ist. Geheimes kommt in den Schlüsselbund ihres Rechners.</translation>
  </message>
  <message>
   <source>Sending</source>
   <translation>Wird gesendet</translation>
  </message>
  <message>
   <source>Chat id</source>
   <translation>Chat-ID</translation>
  </message>
  <message>
   <source>Interface</source>
   <translation>Schnittstelle</translation>
  </message>
  <message>
   <source>Server</source>
   <translation>Server</translation>
  </message>
  <message>
   <source>Port</source>
   <translation>Port</translation>
  </message>
  <message>
   <source>Security</source>
   <translation>Sicherheit</translation>
  </message>
  <message>
   <source>User</source>
   <translation>Benutzer</translation>
  </message>
  <message>
   <source>Sender</source>
   <translation>Absender</translation>
  </message>
  <message>
   <source>Receiver</source>
   <translation>Empfänger</translation>
  </message>
  <message>
   <source>Save</source>
   <translation>Speichern</translation>
  </message>
  <message>
   <source>Send a test</source>
   <translation>Test senden</translation>
  </message>
  <message>
   <source>Sent.</source>
   <translation>Gesendet.</translation>
  </message>
  <message>
   <source>kept; write another to change it</source>
   <translation>gespeichert; zum Ändern neu eingeben</translation>
  </message>
  <message>
   <source>none yet</source>
   <translation>noch keins</translation>
  </message>
  <message>
   <source>for your eyes</source>
   <translation>zur Ansicht</translation>
  </message>
  <message>
   <source>All symbols</source>
   <translation>Alle Symbole</translation>
  </message>
  <message>
   <source>Or write symbols: BTCUSDT|ETHUSDT, binance-spot:*, *USDC</source>
   <translation>Oder Symbole eingeben: BTCUSDT|ETHUSDT, binance-spot:*, *USDC</translation>
  </message>
  <message>
   <source>Save the rule</source>
   <translation>Regel speichern</translation>
  </message>
  <message>
   <source>All strategies</source>
   <translation>Alle Strategien</translation>
  </message>
  <message>
   <source>Or write a pattern: rsi_*</source>
   <translation>Oder ein Muster eingeben: rsi_*</translation>
  </message>
  <message>
   <source>any; 1 = a usual move of a bar</source>
   <translation>jede; 1 = übliche Bewegung einer Kerze</translation>
  </message>
  <message>
   <source>Told when a symbol begins to meet it with a bar's close.</source>
   <translation>Gemeldet wird, wenn ein Symbol sie mit einem Kerzenschluss zu erfüllen beginnt.</translation>
  </message>
  <message>
   <source>Signals of strategies</source>
   <translation>Signale von Strategien</translation>
  </message>
  <message>
   <source>A filter in the rules language</source>
   <translation>Ein Filter in der Regelsprache</translation>
  </message>
  <message>
   <source>All timeframes</source>
   <translation>Alle TF</translation>
  </message>
  <message>
   <source>Name</source>
   <translation>Name</translation>
  </message>
  <message>
   <source>Tell me of</source>
   <translation>Melden</translation>
  </message>
  <message>
   <source>On</source>
   <translation>Auf</translation>
  </message>
  <message>
   <source>By</source>
   <translation>Per</translation>
  </message>
  <message>
   <source>Long and short</source>
   <translation>Long und Short</translation>
  </message>
  <message>
   <source>Long</source>
   <translation>Long</translation>
  </message>
  <message>
   <source>Short</source>
   <translation>Short</translation>
  </message>
  <message>
   <source>Entries and exits</source>
   <translation>Ein- und Ausstiege</translation>
  </message>
  <message>
   <source>Entries</source>
   <translation>Einstiege</translation>
  </message>
  <message>
   <source>Exits</source>
   <translation>Ausstiege</translation>
  </message>
  <message>
   <source>Confirmed</source>
   <translation>Bestätigt</translation>
  </message>
  <message>
   <source>Provisional</source>
   <translation>Vorläufig</translation>
  </message>
  <message>
   <source>Confirmed and provisional</source>
   <translation>Bestätigt und vorläufig</translation>
  </message>
  <message>
   <source>Strategy</source>
   <translation>Strategie</translation>
  </message>
  <message>
   <source>Side</source>
   <translation>Seite</translation>
  </message>
  <message>
   <source>Action</source>
   <translation>Aktion</translation>
  </message>
  <message>
   <source>Kind</source>
   <translation>Art</translation>
  </message>
  <message>
   <source>Strength from</source>
   <translation>Stärke ab</translation>
  </message>
  <message>
   <source>Write a filter, as RSI(14) &lt; 30.</source>
   <translation>Einen Filter schreiben, etwa RSI(14) &lt; 30.</translation>
  </message>
  <message>
   <source>The list "{name}" is empty.</source>
   <translation>Die Liste „{name}“ ist leer.</translation>
  </message>
  <message>
   <source>"{text}" is not a number.</source>
   <translation>„{text}“ ist keine Zahl.</translation>
  </message>
  <message>
   <source>Alerts</source>
   <translation>Alarme</translation>
  </message>
  <message>
   <source>Rules</source>
   <translation>Regeln</translation>
  </message>
  <message>
   <source>Channels</source>
   <translation>Kanäle</translation>
  </message>
  <message>
   <source>Sent</source>
   <translation>Gesendet</translation>
  </message>
  <message>
   <source>Waiting for the engine</source>
   <translation>Warten auf die Engine</translation>
  </message>
  <message>
   <source>Alert rules</source>
   <translation>Alarmregeln</translation>
  </message>
  <message>
   <source>Time</source>
   <translation>Zeit</translation>
  </message>
  <message>
   <source>Channel</source>
   <translation>Kanal</translation>
  </message>
  <message>
   <source>Result</source>
   <translation>Ergebnis</translation>
  </message>
  <message>
   <source>What</source>
   <translation>Was</translation>
  </message>
  <message>
   <source>New rule</source>
   <translation>Neue Regel</translation>
  </message>
  <message>
   <source>Delete</source>
   <translation>Löschen</translation>
  </message>
  <message>
   <source>sent</source>
   <translation>gesendet</translation>
  </message>
  <message>
   <source>{n} rules</source>
   <translation>{n} Regeln</translation>
  </message>
  <message>
   <source>nothing</source>
   <translation>nichts</translation>
  </message>
  <message>
   <source>from the settings file</source>
   <translation>aus der Einstellungsdatei</translation>
  </message>
  <message>
   <source>failed after {n} tries</source>
   <translation>nach {n} Versuchen gescheitert</translation>
  </message>
  <message>
   <source>{n} waiting to be sent</source>
   <translation>{n} noch zu senden</translation>
  </message>
  <message>
   <source>{n} dropped, too many at once</source>
   <translation>{n} verworfen, zu viele auf einmal</translation>
  </message>
  <message>
   <source>Choose a strategy and a symbol, then press Run (F9).</source>
   <translation>Strategie und Symbol wählen, dann Starten (F9).</translation>
  </message>
  <message>
   <source>Run the back-test (F9)</source>
   <translation>Backtest starten (F9)</translation>
  </message>
  <message>
   <source>Starting</source>
   <translation>Startet</translation>
  </message>
  <message>
   <source>Run</source>
   <translation>Starten</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <source>Cancelled; the report below is the one from before.</source>
   <translation>Abgebrochen; der Bericht unten ist der vorherige.</translation>
  </message>
  <message>
   <source>Some fields need a correction; nothing was run.</source>
   <translation>Einige Felder sind zu korrigieren; nichts wurde gerechnet.</translation>
  </message>
  <message>
   <source>Running the back-test</source>
   <translation>Backtest läuft</translation>
  </message>
  <message>
   <source>Cancelling</source>
   <translation>Wird abgebrochen</translation>
  </message>
  <message>
   <source>Export trades</source>
   <translation>Trades exportieren</translation>
  </message>
  <message>
   <source>{k} of {n}, </source>
   <translation>{k} von {n}, </translation>
  </message>
  <message>
   <source>Queued</source>
   <translation>Wartet</translation>
  </message>
  <message>
   <source>, {time} left</source>
   <translation>, noch {time}</translation>
  </message>
  <message>
   <source>No run yet.</source>
   <translation>Noch kein Lauf.</translation>
  </message>
  <message>
   <source>Figures</source>
   <translation>Kennzahlen</translation>
  </message>
  <message>
   <source>MARKET:NAME, or NAME where only one market has it; several with commas</source>
   <translation>MARKT:NAME, oder NAME, wo nur ein Markt ihn hat; mehrere mit Komma</translation>
  </message>
  <message>
   <source>Follow the chart's symbol</source>
   <translation>Dem Symbol des Charts folgen</translation>
  </message>
  <message>
   <source>Each by itself</source>
   <translation>Jedes für sich</translation>
  </message>
  <message>
   <source>On one account</source>
   <translation>Auf einem Konto</translation>
  </message>
  <message>
   <source>Symbols</source>
   <translation>Symbole</translation>
  </message>
  <message>
   <source>Several symbols</source>
   <translation>Mehrere Symbole</translation>
  </message>
  <message>
   <source>From</source>
   <translation>Von</translation>
  </message>
  <message>
   <source>2024-01-31, UTC; empty: all there is</source>
   <translation>2024-01-31, UTC; leer: alles, was da ist</translation>
  </message>
  <message>
   <source>To</source>
   <translation>Bis</translation>
  </message>
  <message>
   <source>2024-01-31, UTC; empty: up to now</source>
   <translation>2024-01-31, UTC; leer: bis jetzt</translation>
  </message>
  <message>
   <source>More: {what}</source>
   <translation>Mehr: {what}</translation>
  </message>
  <message>
   <source>all there is</source>
   <translation>alles, was da ist</translation>
  </message>
  <message>
   <source>up to now</source>
   <translation>bis jetzt</translation>
  </message>
  <message>
   <source>Default {value}; searched over {values}</source>
   <translation>Standard {value}; gesucht über {values}</translation>
  </message>
  <message>
   <source>Size</source>
   <translation>Größe</translation>
  </message>
  <message>
   <source>Fraction of the equity, or an amount of the account's currency, by the mode</source>
   <translation>Anteil am Kapital oder Betrag in Kontowährung, je nach Modus</translation>
  </message>
  <message>
   <source>Cash</source>
   <translation>Cash</translation>
  </message>
  <message>
   <source>What the account starts with</source>
   <translation>Womit das Konto beginnt</translation>
  </message>
  <message>
   <source>Cap</source>
   <translation>Grenze</translation>
  </message>
  <message>
   <source>Most that a trade may be worth, as a fraction of the equity</source>
   <translation>Höchster Wert eines Trades, als Anteil am Kapital</translation>
  </message>
  <message>
   <source>Vol. bars</source>
   <translation>Vol.-Kerzen</translation>
  </message>
  <message>
   <source>Bars that the volatility is measured over</source>
   <translation>Kerzen, über die die Volatilität gemessen wird</translation>
  </message>
  <message>
   <source>Kelly after</source>
   <translation>Kelly ab</translation>
  </message>
  <message>
   <source>Closed trades before the Kelly fraction is used</source>
   <translation>Geschlossene Trades, bevor der Kelly-Anteil gilt</translation>
  </message>
  <message>
   <source>Until then</source>
   <translation>Bis dahin</translation>
  </message>
  <message>
   <source>Fraction of the equity until there are so many trades</source>
   <translation>Anteil am Kapital, bis es so viele Trades gibt</translation>
  </message>
  <message>
   <source>Leverage</source>
   <translation>Hebel</translation>
  </message>
  <message>
   <source>Isolated margin with liquidation; empty: none</source>
   <translation>Isolierte Margin mit Liquidation; leer: ohne</translation>
  </message>
  <message>
   <source>none</source>
   <translation>ohne</translation>
  </message>
  <message>
   <source>Maint. %</source>
   <translation>Erh. %</translation>
  </message>
  <message>
   <source>Maintenance margin; empty: the venue's brackets</source>
   <translation>Erhaltungsmargin; leer: die Stufen der Börse</translation>
  </message>
  <message>
   <source>venue's</source>
   <translation>der Börse</translation>
  </message>
  <message>
   <source>Most entries of one side that add up to one position</source>
   <translation>Höchstzahl der Einstiege einer Seite, die eine Position aufstocken</translation>
  </message>
  <message>
   <source>Account</source>
   <translation>Konto</translation>
  </message>
  <message>
   <source>Currency of the account; empty: found from the symbol</source>
   <translation>Währung des Kontos; leer: aus dem Symbol</translation>
  </message>
  <message>
   <source>auto</source>
   <translation>auto</translation>
  </message>
  <message>
   <source>Fee %</source>
   <translation>Gebühr %</translation>
  </message>
  <message>
   <source>Per fill, in percent of the traded value; empty: the market's taker fee</source>
   <translation>Je Ausführung, in Prozent des Handelswerts; leer: Taker-Gebühr des Marktes</translation>
  </message>
  <message>
   <source>market's</source>
   <translation>des Marktes</translation>
  </message>
  <message>
   <source>Maker %</source>
   <translation>Maker %</translation>
  </message>
  <message>
   <source>Per fill of a limit order that rested; empty: the market's</source>
   <translation>Je Ausführung einer ruhenden Limit-Order; leer: die des Marktes</translation>
  </message>
  <message>
   <source>Slip bp</source>
   <translation>Slip bp</translation>
  </message>
  <message>
   <source>Per fill, against the trader, in basis points of the price</source>
   <translation>Je Ausführung, zulasten des Händlers, in Basispunkten des Kurses</translation>
  </message>
  <message>
   <source>Slip ticks</source>
   <translation>Slip Ticks</translation>
  </message>
  <message>
   <source>Per fill, against the trader, in ticks; adds up with the others</source>
   <translation>Je Ausführung, zulasten des Händlers, in Ticks; addiert sich zu den anderen</translation>
  </message>
  <message>
   <source>Slip range</source>
   <translation>Slip Spanne</translation>
  </message>
  <message>
   <source>Share of the fill minute's high-low range: 0.1 is a tenth</source>
   <translation>Anteil an der Hoch-Tief-Spanne der Ausführungsminute: 0.1 ist ein Zehntel</translation>
  </message>
  <message>
   <source>Spread bp</source>
   <translation>Spread bp</translation>
  </message>
  <message>
   <source>Whole spread, half of it per fill; empty: that of the series, else none</source>
   <translation>Ganzer Spread, die Hälfte je Ausführung; leer: der der Reihe, sonst keiner</translation>
  </message>
  <message>
   <source>Funding %</source>
   <translation>Funding %</translation>
  </message>
  <message>
   <source>Per 8 h where a perpetual's history has none; empty: 0.01</source>
   <translation>Je 8 h, wo die Historie eines Perpetuals keins hat; leer: 0.01</translation>
  </message>
  <message>
   <source>Long % p.a.</source>
   <translation>Long % p.a.</translation>
  </message>
  <message>
   <source>Interest of a long position a year; empty: -2.5</source>
   <translation>Zins einer Long-Position pro Jahr; leer: -2.5</translation>
  </message>
  <message>
   <source>Short % p.a.</source>
   <translation>Short % p.a.</translation>
  </message>
  <message>
   <source>Interest of a short position a year; empty: -2.5</source>
   <translation>Zins einer Short-Position pro Jahr; leer: -2.5</translation>
  </message>
  <message>
   <source>Positions</source>
   <translation>Positionen</translation>
  </message>
  <message>
   <source>Open at once over all symbols; 0: as many as there are</source>
   <translation>Zugleich offen über alle Symbole; 0: so viele, wie es gibt</translation>
  </message>
  <message>
   <source>Gross cap</source>
   <translation>Max. brutto</translation>
  </message>
  <message>
   <source>Most that all positions may be worth, as a fraction of the equity</source>
   <translation>Höchster Wert aller Positionen, als Anteil am Kapital</translation>
  </message>
  <message>
   <source>Symbol cap</source>
   <translation>Max. Symbol</translation>
  </message>
  <message>
   <source>Most that one symbol's positions may be worth, as a fraction</source>
   <translation>Höchster Wert der Positionen eines Symbols, als Anteil</translation>
  </message>
  <message>
   <source>Sizing</source>
   <translation>Positionsgröße</translation>
  </message>
  <message>
   <source>Costs</source>
   <translation>Kosten</translation>
  </message>
  <message>
   <source>Both</source>
   <translation>Beide</translation>
  </message>
  <message>
   <source>Fraction of equity</source>
   <translation>Anteil am Kapital</translation>
  </message>
  <message>
   <source>Amount</source>
   <translation>Betrag</translation>
  </message>
  <message>
   <source>Volatility target</source>
   <translation>Volatilitätsziel</translation>
  </message>
  <message>
   <source>Risk to the stop</source>
   <translation>Risiko bis zum Stop</translation>
  </message>
  <message>
   <source>Kelly</source>
   <translation>Kelly</translation>
  </message>
  <message>
   <source>None</source>
   <translation>Keine</translation>
  </message>
  <message>
   <source>Entries, targets</source>
   <translation>Einstiege, Ziele</translation>
  </message>
  <message>
   <source>No</source>
   <translation>Nein</translation>
  </message>
  <message>
   <source>Yes</source>
   <translation>Ja</translation>
  </message>
  <message>
   <source>Direction</source>
   <translation>Richtung</translation>
  </message>
  <message>
   <source>Size by</source>
   <translation>Größe nach</translation>
  </message>
  <message>
   <source>Maker fills</source>
   <translation>Maker-Fills</translation>
  </message>
  <message>
   <source>Which fills pay the maker fee and have no slippage</source>
   <translation>Welche Ausführungen die Maker-Gebühr und keine Slippage haben</translation>
  </message>
  <message>
   <source>Financing</source>
   <translation>Finanzierung</translation>
  </message>
  <message>
   <source>Charge interest at 17:00 New York</source>
   <translation>Zins um 17:00 New York berechnen</translation>
  </message>
  <message>
   <source>Report as one HTML page…</source>
   <translation>Bericht als eine HTML-Seite…</translation>
  </message>
  <message>
   <source>Trades, equity and figures as CSV…</source>
   <translation>Trades, Equity und Kennzahlen als CSV…</translation>
  </message>
  <message>
   <source>Everything as JSON…</source>
   <translation>Alles als JSON…</translation>
  </message>
  <message>
   <source>Trades and equity as Parquet…</source>
   <translation>Trades und Equity als Parquet…</translation>
  </message>
  <message>
   <source>Picture of the report…</source>
   <translation>Bild des Berichts…</translation>
  </message>
  <message>
   <source>Count Sharpe, Sortino, CAGR, Calmar and drawdown as another tool does</source>
   <translation>Sharpe, Sortino, CAGR, Calmar und Drawdown wie ein anderes Programm rechnen</translation>
  </message>
  <message>
   <source>Results of the trades</source>
   <translation>Ergebnisse der Trades</translation>
  </message>
  <message>
   <source>Adverse excursion</source>
   <translation>Adverse Excursion</translation>
  </message>
  <message>
   <source>furthest against (MAE)</source>
   <translation>am weitesten dagegen (MAE)</translation>
  </message>
  <message>
   <source>Favourable excursion</source>
   <translation>Favourable Excursion</translation>
  </message>
  <message>
   <source>furthest in favour (MFE)</source>
   <translation>am weitesten dafür (MFE)</translation>
  </message>
  <message>
   <source>Rolling Sharpe</source>
   <translation>Rollierende Sharpe</translation>
  </message>
  <message>
   <source>Exposure</source>
   <translation>Exposure</translation>
  </message>
  <message>
   <source>No trades</source>
   <translation>Keine Trades</translation>
  </message>
  <message>
   <source>profit over the trade's worth</source>
   <translation>Gewinn je Wert des Trades</translation>
  </message>
  <message>
   <source>Drawdown</source>
   <translation>Drawdown</translation>
  </message>
  <message>
   <source>Put this run's settings into the form</source>
   <translation>Einstellungen dieses Laufs ins Formular übernehmen</translation>
  </message>
  <message>
   <source>Copy the whole report as text</source>
   <translation>Ganzen Bericht als Text kopieren</translation>
  </message>
  <message>
   <source>Export</source>
   <translation>Export</translation>
  </message>
  <message>
   <source>By hour</source>
   <translation>Nach Stunde</translation>
  </message>
  <message>
   <source>By weekday</source>
   <translation>Nach Wochentag</translation>
  </message>
  <message>
   <source>By side</source>
   <translation>Nach Seite</translation>
  </message>
  <message>
   <source>By exit</source>
   <translation>Nach Ausstieg</translation>
  </message>
  <message>
   <source>Find a figure</source>
   <translation>Kennzahl suchen</translation>
  </message>
  <message>
   <source>Trades</source>
   <translation>Trades</translation>
  </message>
  <message>
   <source>Months</source>
   <translation>Monate</translation>
  </message>
  <message>
   <source>Plots</source>
   <translation>Grafiken</translation>
  </message>
  <message>
   <source>Being worked out</source>
   <translation>Wird gerechnet</translation>
  </message>
  <message>
   <source>Not worked out for a portfolio</source>
   <translation>Für ein Portfolio nicht gerechnet</translation>
  </message>
  <message>
   <source>{n} days</source>
   <translation>{n} Tage</translation>
  </message>
  <message>
   <source>Too short for this</source>
   <translation>Zu kurz dafür</translation>
  </message>
  <message>
   <source>share of the day with a position, negative while short</source>
   <translation>Anteil des Tages mit Position, negativ bei Short</translation>
  </message>
  <message>
   <source>Equity</source>
   <translation>Equity</translation>
  </message>
  <message>
   <source>Trades {n}</source>
   <translation>Trades {n}</translation>
  </message>
  <message>
   <source>of the entry, UTC</source>
   <translation>des Einstiegs, UTC</translation>
  </message>
  <message>
   <source>Hold</source>
   <translation>Hold</translation>
  </message>
  <message>
   <source>, mean of {n} days</source>
   <translation>, Mittel von {n} Tagen</translation>
  </message>
  <message>
   <source>Assumed</source>
   <translation>Angenommen</translation>
  </message>
  <message>
   <source>Settings used</source>
   <translation>Verwendete Einstellungen</translation>
  </message>
  <message>
   <source>queued</source>
   <translation>wartet</translation>
  </message>
  <message>
   <source>running</source>
   <translation>läuft</translation>
  </message>
  <message>
   <source>failed</source>
   <translation>gescheitert</translation>
  </message>
  <message>
   <source>cancelled</source>
   <translation>abgebrochen</translation>
  </message>
  <message>
   <source>Entry</source>
   <translation>Einstieg</translation>
  </message>
  <message>
   <source>Exit</source>
   <translation>Ausstieg</translation>
  </message>
  <message>
   <source>In</source>
   <translation>Ein</translation>
  </message>
  <message>
   <source>Out</source>
   <translation>Aus</translation>
  </message>
  <message>
   <source>P/L</source>
   <translation>G/V</translation>
  </message>
  <message>
   <source>After fees, slippage and funding, in the account's currency</source>
   <translation>Nach Gebühren, Slippage und Funding, in Kontowährung</translation>
  </message>
  <message>
   <source>P/L %</source>
   <translation>G/V %</translation>
  </message>
  <message>
   <source>Price move in the trade's favour, before costs</source>
   <translation>Kursbewegung zugunsten des Trades, vor Kosten</translation>
  </message>
  <message>
   <source>Bars</source>
   <translation>Kerzen</translation>
  </message>
  <message>
   <source>Reason</source>
   <translation>Grund</translation>
  </message>
  <message>
   <source>Any exit</source>
   <translation>Jeder Ausstieg</translation>
  </message>
  <message>
   <source>All figures</source>
   <translation>Alle Kennzahlen</translation>
  </message>
  <message>
   <source>Conventions</source>
   <translation>Konventionen</translation>
  </message>
  <message>
   <source>Runs of this list</source>
   <translation>Läufe dieser Liste</translation>
  </message>
  <message>
   <source>Trade {n}, {side}: {entry} to {exit}
{a} to {b}, {pnl} after costs{r}
Worst {mae} against, best {mfe} in favour; fees {fees}; {reason}</source>
   <translation>Trade {n}, {side}: {entry} bis {exit}
{a} bis {b}, {pnl} nach Kosten{r}
Schlechtestens {mae} dagegen, bestens {mfe} dafür; Gebühren {fees}; {reason}</translation>
  </message>
  <message>
   <source>Max DD</source>
   <translation>Max DD</translation>
  </message>
  <message>
   <source>Figure</source>
   <translation>Kennzahl</translation>
  </message>
  <message>
   <source>Value</source>
   <translation>Wert</translation>
  </message>
  <message>
   <source>Formula</source>
   <translation>Formel</translation>
  </message>
  <message>
   <source>Convention</source>
   <translation>Konvention</translation>
  </message>
  <message>
   <source>Symbol</source>
   <translation>Symbol</translation>
  </message>
  <message>
   <source>Net profit</source>
   <translation>Nettogewinn</translation>
  </message>
  <message>
   <source>DEMO MARKET: invented prices</source>
   <translation>DEMO-MARKT: erfundene Kurse</translation>
  </message>
  <message>
   <source>Every price, volume and signal here is made by a simulator. Nothing of it mixes with real data.</source>
   <translation>Jeder Kurs, jedes Volumen und jedes Signal hier stammt aus einem Simulator. Nichts davon mischt sich mit echten Daten.</translation>
  </message>
  <message>
   <source>Copy details</source>
   <translation>Details kopieren</translation>
  </message>
  <message>
   <source>Dismiss</source>
   <translation>Ausblenden</translation>
  </message>
  <message>
   <source>Copy</source>
   <translation>Kopieren</translation>
  </message>
  <message>
   <source>Export as CSV …</source>
   <translation>Als CSV exportieren …</translation>
  </message>
  <message>
   <source>Export as CSV</source>
   <translation>Als CSV exportieren</translation>
  </message>
  <message>
   <source>a whole number</source>
   <translation>eine ganze Zahl</translation>
  </message>
  <message>
   <source>a number</source>
   <translation>eine Zahl</translation>
  </message>
  <message>
   <source>{name} must be {kind} from {low} to {high}.</source>
   <translation>{name} muss {kind} von {low} bis {high} sein.</translation>
  </message>
  <message>
   <source>Choose a symbol</source>
   <translation>Symbol wählen</translation>
  </message>
  <message>
   <source>Indicators…</source>
   <translation>Indikatoren…</translation>
  </message>
  <message>
   <source>Go to date…</source>
   <translation>Zum Datum…</translation>
  </message>
  <message>
   <source>Style: candles</source>
   <translation>Stil: Kerzen</translation>
  </message>
  <message>
   <source>Style: hollow candles</source>
   <translation>Stil: hohle Kerzen</translation>
  </message>
  <message>
   <source>Style: bars (OHLC)</source>
   <translation>Stil: Balken (OHLC)</translation>
  </message>
  <message>
   <source>Style: line</source>
   <translation>Stil: Linie</translation>
  </message>
  <message>
   <source>Style: area</source>
   <translation>Stil: Fläche</translation>
  </message>
  <message>
   <source>Style: Heikin-Ashi</source>
   <translation>Stil: Heikin-Ashi</translation>
  </message>
  <message>
   <source>Logarithmic scale</source>
   <translation>Logarithmische Skala</translation>
  </message>
  <message>
   <source>Percent scale</source>
   <translation>Prozentskala</translation>
  </message>
  <message>
   <source>Scale indexed to 100</source>
   <translation>Skala auf 100 indexiert</translation>
  </message>
  <message>
   <source>Invert the scale</source>
   <translation>Skala umkehren</translation>
  </message>
  <message>
   <source>Fit the scale to overlays too</source>
   <translation>Skala auch an Overlays anpassen</translation>
  </message>
  <message>
   <source>Fit the price scales</source>
   <translation>Preisskalen anpassen</translation>
  </message>
  <message>
   <source>Reset zoom and scales</source>
   <translation>Zoom und Skalen zurücksetzen</translation>
  </message>
  <message>
   <source>Volume over the price</source>
   <translation>Volumen über dem Kurs</translation>
  </message>
  <message>
   <source>Volume in its own pane</source>
   <translation>Volumen im eigenen Bereich</translation>
  </message>
  <message>
   <source>No volume</source>
   <translation>Kein Volumen</translation>
  </message>
  <message>
   <source>Mean of the volume</source>
   <translation>Mittleres Volumen</translation>
  </message>
  <message>
   <source>Compare with nothing</source>
   <translation>Mit nichts vergleichen</translation>
  </message>
  <message>
   <source>Data-quality ribbon</source>
   <translation>Band der Datenqualität</translation>
  </message>
  <message>
   <source>Magnet crosshair</source>
   <translation>Magnet-Fadenkreuz</translation>
  </message>
  <message>
   <source>Lines between days</source>
   <translation>Linien zwischen den Tagen</translation>
  </message>
  <message>
   <source>Trading sessions</source>
   <translation>Handelssitzungen</translation>
  </message>
  <message>
   <source>Time zone: as in the settings</source>
   <translation>Zeitzone: wie eingestellt</translation>
  </message>
  <message>
   <source>Time zone: local</source>
   <translation>Zeitzone: lokal</translation>
  </message>
  <message>
   <source>Time zone: UTC</source>
   <translation>Zeitzone: UTC</translation>
  </message>
  <message>
   <source>Time zone: exchange</source>
   <translation>Zeitzone: Börse</translation>
  </message>
  <message>
   <source>Close of the day before</source>
   <translation>Schluss des Vortags</translation>
  </message>
  <message>
   <source>High and low of the view</source>
   <translation>Hoch und Tief der Ansicht</translation>
  </message>
  <message>
   <source>Time to the bar's close</source>
   <translation>Zeit bis zum Kerzenschluss</translation>
  </message>
  <message>
   <source>Draw: trend line</source>
   <translation>Zeichnen: Trendlinie</translation>
  </message>
  <message>
   <source>Draw: ray</source>
   <translation>Zeichnen: Strahl</translation>
  </message>
  <message>
   <source>Draw: horizontal line at the cursor</source>
   <translation>Zeichnen: Horizontale am Cursor</translation>
  </message>
  <message>
   <source>Draw: parallel channel</source>
   <translation>Zeichnen: Parallelkanal</translation>
  </message>
  <message>
   <source>Draw: Fibonacci retracement</source>
   <translation>Zeichnen: Fibonacci-Retracement</translation>
  </message>
  <message>
   <source>Draw: rectangle</source>
   <translation>Zeichnen: Rechteck</translation>
  </message>
  <message>
   <source>Draw: text</source>
   <translation>Zeichnen: Text</translation>
  </message>
  <message>
   <source>Alert line at the cursor</source>
   <translation>Alarmlinie am Cursor</translation>
  </message>
  <message>
   <source>Measure</source>
   <translation>Messen</translation>
  </message>
  <message>
   <source>Drawings: undo</source>
   <translation>Zeichnungen: rückgängig</translation>
  </message>
  <message>
   <source>Drawings: redo</source>
   <translation>Zeichnungen: wiederholen</translation>
  </message>
  <message>
   <source>Picture to clipboard and file</source>
   <translation>Bild in Zwischenablage und Datei</translation>
  </message>
  <message>
   <source>Why here?</source>
   <translation>Warum hier?</translation>
  </message>
  <message>
   <source>Newest bar</source>
   <translation>Neueste Kerze</translation>
  </message>
  <message>
   <source>Oldest bar</source>
   <translation>Älteste Kerze</translation>
  </message>
  <message>
   <source>One bar to the left</source>
   <translation>Eine Kerze nach links</translation>
  </message>
  <message>
   <source>One bar to the right</source>
   <translation>Eine Kerze nach rechts</translation>
  </message>
  <message>
   <source>Half a screen to the left</source>
   <translation>Halber Bildschirm nach links</translation>
  </message>
  <message>
   <source>Half a screen to the right</source>
   <translation>Halber Bildschirm nach rechts</translation>
  </message>
  <message>
   <source>Zoom in</source>
   <translation>Vergrößern</translation>
  </message>
  <message>
   <source>Zoom out</source>
   <translation>Verkleinern</translation>
  </message>
  <message>
   <source>Next signal or trade</source>
   <translation>Nächstes Signal oder Trade</translation>
  </message>
  <message>
   <source>Previous signal or trade</source>
   <translation>Voriges Signal oder Trade</translation>
  </message>
  <message>
   <source>A-Z</source>
   <translation>A-Z</translation>
  </message>
  <message>
   <source>Search a symbol</source>
   <translation>Symbol suchen</translation>
  </message>
  <message>
   <source>0-9</source>
   <translation>0-9</translation>
  </message>
  <message>
   <source>Choose a timeframe</source>
   <translation>Zeitrahmen wählen</translation>
  </message>
  <message>
   <source>Esc</source>
   <translation>Esc</translation>
  </message>
  <message>
   <source>Show all panes, fit the scales</source>
   <translation>Alle Bereiche zeigen, Skalen anpassen</translation>
  </message>
  <message>
   <source>Wheel, Ctrl+wheel</source>
   <translation>Rad, Strg+Rad</translation>
  </message>
  <message>
   <source>Zoom at the newest bar, at the cursor</source>
   <translation>Zoom an der neuesten Kerze, am Cursor</translation>
  </message>
  <message>
   <source>Ctrl (held)</source>
   <translation>Strg (halten)</translation>
  </message>
  <message>
   <source>Turn the magnet round</source>
   <translation>Magnet umkehren</translation>
  </message>
  <message>
   <source>Shift+drag</source>
   <translation>Umschalt+Ziehen</translation>
  </message>
  <message>
   <source>Measure bars, time, change and volume</source>
   <translation>Kerzen, Zeit, Änderung und Volumen messen</translation>
  </message>
  <message>
   <source>Ctrl+drag, Del</source>
   <translation>Strg+Ziehen, Entf</translation>
  </message>
  <message>
   <source>Copy a drawing, remove it</source>
   <translation>Zeichnung kopieren, entfernen</translation>
  </message>
  <message>
   <source>no price</source>
   <translation>kein Kurs</translation>
  </message>
  <message>
   <source>{family}, {where}. First value after {n} bars.</source>
   <translation>{family}, {where}. Erster Wert nach {n} Kerzen.</translation>
  </message>
  <message>
   <source>Indicators</source>
   <translation>Indikatoren</translation>
  </message>
  <message>
   <source>Add to the chart</source>
   <translation>In den Chart</translation>
  </message>
  <message>
   <source>Search by name, idea or formula</source>
   <translation>Nach Name, Idee oder Formel suchen</translation>
  </message>
  <message>
   <source>Search indicators</source>
   <translation>Indikatoren suchen</translation>
  </message>
  <message>
   <source>On this chart</source>
   <translation>In diesem Chart</translation>
  </message>
  <message>
   <source>Template</source>
   <translation>Vorlage</translation>
  </message>
  <message>
   <source>Name of a set</source>
   <translation>Name eines Satzes</translation>
  </message>
  <message>
   <source>Delete this set</source>
   <translation>Diesen Satz löschen</translation>
  </message>
  <message>
   <source>over the price</source>
   <translation>über dem Kurs</translation>
  </message>
  <message>
   <source>in its own pane</source>
   <translation>im eigenen Bereich</translation>
  </message>
  <message>
   <source>Save set</source>
   <translation>Satz sichern</translation>
  </message>
  <message>
   <source>Load set</source>
   <translation>Satz laden</translation>
  </message>
  <message>
   <source>The engine has not told its indicators yet.</source>
   <translation>Die Engine hat ihre Indikatoren noch nicht genannt.</translation>
  </message>
  <message>
   <source>All {n}</source>
   <translation>Alle {n}</translation>
  </message>
  <message>
   <source>Nothing is called that. Clear the search to see all.</source>
   <translation>Nichts heißt so. Suche leeren, um alle zu sehen.</translation>
  </message>
  <message>
   <source>Hide or show</source>
   <translation>Aus- oder einblenden</translation>
  </message>
  <message>
   <source>Remove</source>
   <translation>Entfernen</translation>
  </message>
  <message>
   <source>Magnet: anchors snap to open, high, low and close (Ctrl turns it over)</source>
   <translation>Magnet: Anker rasten an Open, Hoch, Tief und Close ein (Strg kehrt ihn um)</translation>
  </message>
  <message>
   <source>Lock all drawings</source>
   <translation>Alle Zeichnungen sperren</translation>
  </message>
  <message>
   <source>Hide all drawings</source>
   <translation>Alle Zeichnungen ausblenden</translation>
  </message>
  <message>
   <source>Remove all drawings of this symbol (Ctrl+Z brings them back)</source>
   <translation>Alle Zeichnungen dieses Symbols entfernen (Strg+Z holt sie zurück)</translation>
  </message>
  <message>
   <source>Cursor</source>
   <translation>Cursor</translation>
  </message>
  <message>
   <source>Trend line</source>
   <translation>Trendlinie</translation>
  </message>
  <message>
   <source>Ray</source>
   <translation>Strahl</translation>
  </message>
  <message>
   <source>Horizontal line</source>
   <translation>Horizontale Linie</translation>
  </message>
  <message>
   <source>Parallel channel</source>
   <translation>Parallelkanal</translation>
  </message>
  <message>
   <source>Fibonacci retracement</source>
   <translation>Fibonacci-Retracement</translation>
  </message>
  <message>
   <source>Rectangle</source>
   <translation>Rechteck</translation>
  </message>
  <message>
   <source>Text</source>
   <translation>Text</translation>
  </message>
  <message>
   <source>Alert line: tells once when the price crosses it</source>
   <translation>Alarmlinie: meldet einmal, wenn der Kurs sie kreuzt</translation>
  </message>
  <message>
   <source>{n} bars, {time}</source>
   <translation>{n} Kerzen, {time}</translation>
  </message>
  <message>
   <source>Volume {sum}</source>
   <translation>Volumen {sum}</translation>
  </message>
  <message>
   <source>Light blue</source>
   <translation>Hellblau</translation>
  </message>
  <message>
   <source>Blue</source>
   <translation>Blau</translation>
  </message>
  <message>
   <source>Colour of rising</source>
   <translation>Farbe für steigend</translation>
  </message>
  <message>
   <source>Colour of falling</source>
   <translation>Farbe für fallend</translation>
  </message>
  <message>
   <source>Amber</source>
   <translation>Bernstein</translation>
  </message>
  <message>
   <source>Orange</source>
   <translation>Orange</translation>
  </message>
  <message>
   <source>Violet</source>
   <translation>Violett</translation>
  </message>
  <message>
   <source>Cyan</source>
   <translation>Cyan</translation>
  </message>
  <message>
   <source>Yellow</source>
   <translation>Gelb</translation>
  </message>
  <message>
   <source>Text colour</source>
   <translation>Textfarbe</translation>
  </message>
  <message>
   <source>Grey</source>
   <translation>Grau</translation>
  </message>
  <message>
   <source>Colour</source>
   <translation>Farbe</translation>
  </message>
  <message>
   <source>Width</source>
   <translation>Breite</translation>
  </message>
  <message>
   <source>Words</source>
   <translation>Beschriftung</translation>
  </message>
  <message>
   <source>Lock</source>
   <translation>Sperren</translation>
  </message>
  <message>
   <source>Copy (Ctrl+drag)</source>
   <translation>Kopieren (Strg+Ziehen)</translation>
  </message>
  <message>
   <source>Remove (Del)</source>
   <translation>Entfernen (Entf)</translation>
  </message>
  <message>
   <source>Wait again</source>
   <translation>Neu scharf stellen</translation>
  </message>
  <message>
   <source>Alert</source>
   <translation>Alarm</translation>
  </message>
  <message>
   <source>fired {time}</source>
   <translation>ausgelöst {time}</translation>
  </message>
  <message>
   <source>Words of a drawing</source>
   <translation>Text einer Zeichnung</translation>
  </message>
  <message>
   <source>Text, Enter</source>
   <translation>Text, Enter</translation>
  </message>
  <message>
   <source>Over the price</source>
   <translation>Über dem Kurs</translation>
  </message>
  <message>
   <source>A pane of its own</source>
   <translation>Eigener Bereich</translation>
  </message>
  <message>
   <source>Place</source>
   <translation>Ort</translation>
  </message>
  <message>
   <source>Other…</source>
   <translation>Andere…</translation>
  </message>
  <message>
   <source>Defaults</source>
   <translation>Standard</translation>
  </message>
  <message>
   <source>OK</source>
   <translation>OK</translation>
  </message>
  <message>
   <source>Made of</source>
   <translation>Aus</translation>
  </message>
  <message>
   <source>line</source>
   <translation>Linie</translation>
  </message>
  <message>
   <source>Settings of {name}</source>
   <translation>Einstellungen von {name}</translation>
  </message>
  <message>
   <source>From {low} to {high}</source>
   <translation>Von {low} bis {high}</translation>
  </message>
  <message>
   <source>Colour of {name}</source>
   <translation>Farbe von {name}</translation>
  </message>
  <message>
   <source>{n} px</source>
   <translation>{n} px</translation>
  </message>
  <message>
   <source>The pane of {name}</source>
   <translation>Der Bereich von {name}</translation>
  </message>
  <message>
   <source>{name} is on this chart already.</source>
   <translation>{name} ist schon in diesem Chart.</translation>
  </message>
  <message>
   <source>Go to date</source>
   <translation>Zum Datum</translation>
  </message>
  <message>
   <source>late</source>
   <translation>spät</translation>
  </message>
  <message>
   <source>settling</source>
   <translation>schwingt ein</translation>
  </message>
  <message>
   <source>bar revised</source>
   <translation>Kerze revidiert</translation>
  </message>
  <message>
   <source>within its cool-down</source>
   <translation>in der Ruhezeit</translation>
  </message>
  <message>
   <source>bar came by REST</source>
   <translation>Kerze kam per REST</translation>
  </message>
  <message>
   <source>entry</source>
   <translation>Einstieg</translation>
  </message>
  <message>
   <source>exit</source>
   <translation>Ausstieg</translation>
  </message>
  <message>
   <source>Click: why</source>
   <translation>Klick: warum</translation>
  </message>
  <message>
   <source>Trade {n}: {side}</source>
   <translation>Trade {n}: {side}</translation>
  </message>
  <message>
   <source>{n} bars, out by {reason}</source>
   <translation>{n} Kerzen, Ausstieg durch {reason}</translation>
  </message>
  <message>
   <source>{n} long</source>
   <translation>{n} Long</translation>
  </message>
  <message>
   <source>{n} short</source>
   <translation>{n} Short</translation>
  </message>
  <message>
   <source>strength {value}</source>
   <translation>Stärke {value}</translation>
  </message>
  <message>
   <source>and {n} more</source>
   <translation>und {n} weitere</translation>
  </message>
  <message>
   <source>The files of this chart's history cannot be read here.</source>
   <translation>Die Dateien der Historie dieses Charts sind hier nicht lesbar.</translation>
  </message>
  <message>
   <source>The history comes page by page instead.</source>
   <translation>Die Historie kommt stattdessen Seite für Seite.</translation>
  </message>
  <message>
   <source>not a timeframe</source>
   <translation>kein Zeitrahmen</translation>
  </message>
  <message>
   <source>One of {names}; plain numbers are minutes</source>
   <translation>Einer von {names}; bloße Zahlen sind Minuten</translation>
  </message>
  <message>
   <source>Link: {colour}</source>
   <translation>Kopplung: {colour}</translation>
  </message>
  <message>
   <source>Link: {colour}. Charts of one colour show the same symbol.</source>
   <translation>Kopplung: {colour}. Charts einer Farbe zeigen dasselbe Symbol.</translation>
  </message>
  <message>
   <source>Style</source>
   <translation>Stil</translation>
  </message>
  <message>
   <source>Volume</source>
   <translation>Volumen</translation>
  </message>
  <message>
   <source>Hide</source>
   <translation>Ausblenden</translation>
  </message>
  <message>
   <source>Move to</source>
   <translation>Verschieben nach</translation>
  </message>
  <message>
   <source>Price scale</source>
   <translation>Preisskala</translation>
  </message>
  <message>
   <source>Back-test from here</source>
   <translation>Backtest ab hier</translation>
  </message>
  <message>
   <source>The price pane</source>
   <translation>Der Kursbereich</translation>
  </message>
  <message>
   <source>Copy bar (time, O, H, L, C, volume)</source>
   <translation>Kerze kopieren (Zeit, O, H, L, C, Volumen)</translation>
  </message>
  <message>
   <source>Fit this scale</source>
   <translation>Diese Skala anpassen</translation>
  </message>
  <message>
   <source>Settings of {name}…</source>
   <translation>Einstellungen von {name}…</translation>
  </message>
  <message>
   <source>Copy {value}</source>
   <translation>{value} kopieren</translation>
  </message>
  <message>
   <source>Alert at {price}</source>
   <translation>Alarm bei {price}</translation>
  </message>
  <message>
   <source>2021-05-19, 2021-05-19 13:30, 19 May 2021, yesterday, -30d, -6h</source>
   <translation>2021-05-19, 2021-05-19 13:30, 19 May 2021, yesterday, -30d, -6h</translation>
  </message>
  <message>
   <source>{text} is not understood.</source>
   <translation>{text} ist nicht verständlich.</translation>
  </message>
  <message>
   <source>Nothing</source>
   <translation>Nichts</translation>
  </message>
  <message>
   <source>Write one of: {examples}</source>
   <translation>Möglich ist etwa: {examples}</translation>
  </message>
  <message>
   <source>{text} is no day of the calendar.</source>
   <translation>{text} ist kein Tag des Kalenders.</translation>
  </message>
  <message>
   <source>In its own pane</source>
   <translation>Im eigenen Bereich</translation>
  </message>
  <message>
   <source>Not shown</source>
   <translation>Nicht gezeigt</translation>
  </message>
  <message>
   <source>Time zone of the settings</source>
   <translation>Zeitzone der Einstellungen</translation>
  </message>
  <message>
   <source>Time zone of this computer</source>
   <translation>Zeitzone dieses Rechners</translation>
  </message>
  <message>
   <source>UTC</source>
   <translation>UTC</translation>
  </message>
  <message>
   <source>Time zone of the exchange</source>
   <translation>Zeitzone der Börse</translation>
  </message>
  <message>
   <source>Where the market has them</source>
   <translation>Wo der Markt welche hat</translation>
  </message>
  <message>
   <source>Always</source>
   <translation>Immer</translation>
  </message>
  <message>
   <source>Never</source>
   <translation>Nie</translation>
  </message>
  <message>
   <source>Latest »</source>
   <translation>Neueste »</translation>
  </message>
  <message>
   <source>Go to the newest bar (End)</source>
   <translation>Zur neuesten Kerze (Ende)</translation>
  </message>
  <message>
   <source>Choose a symbol: type its first letters, or pick one in the watchlist.</source>
   <translation>Symbol wählen: Anfangsbuchstaben tippen oder in der Watchlist anklicken.</translation>
  </message>
  <message>
   <source>{symbol} has no {timeframe} bars yet.</source>
   <translation>{symbol} hat noch keine {timeframe}-Kerzen.</translation>
  </message>
  <message>
   <source>Vol {volume}</source>
   <translation>Vol {volume}</translation>
  </message>
  <message>
   <source>Vol mean {n} {value}</source>
   <translation>Vol-Mittel {n} {value}</translation>
  </message>
  <message>
   <source>drawn {n} bars to a candle</source>
   <translation>je {n} Kerzen als eine gezeichnet</translation>
  </message>
  <message>
   <source>REPLAY {moment}</source>
   <translation>REPLAY {moment}</translation>
  </message>
  <message>
   <source>{d} d {h} h</source>
   <translation>{d} d {h} h</translation>
  </message>
  <message>
   <source>longest hole {time}</source>
   <translation>längste Lücke {time}</translation>
  </message>
  <message>
   <source>{time} missing</source>
   <translation>{time} fehlen</translation>
  </message>
  <message>
   <source>restated by the venue</source>
   <translation>von der Börse korrigiert</translation>
  </message>
  <message>
   <source>{n} min</source>
   <translation>{n} min</translation>
  </message>
  <message>
   <source>{h} h {m} min</source>
   <translation>{h} h {m} min</translation>
  </message>
  <message>
   <source>bars without trades</source>
   <translation>Kerzen ohne Trades</translation>
  </message>
  <message>
   <source>{n} bars without trades</source>
   <translation>{n} Kerzen ohne Trades</translation>
  </message>
  <message>
   <source>Linear</source>
   <translation>Linear</translation>
  </message>
  <message>
   <source>Logarithmic</source>
   <translation>Logarithmisch</translation>
  </message>
  <message>
   <source>Percent from the first bar in view</source>
   <translation>Prozent ab der ersten sichtbaren Kerze</translation>
  </message>
  <message>
   <source>Indexed to 100</source>
   <translation>Auf 100 indexiert</translation>
  </message>
  <message>
   <source>Tokyo</source>
   <translation>Tokio</translation>
  </message>
  <message>
   <source>London</source>
   <translation>London</translation>
  </message>
  <message>
   <source>New York</source>
   <translation>New York</translation>
  </message>
  <message>
   <source>Loading</source>
   <translation>Lädt</translation>
  </message>
  <message>
   <source>No bars</source>
   <translation>Keine Kerzen</translation>
  </message>
  <message>
   <source>Not available</source>
   <translation>Nicht verfügbar</translation>
  </message>
  <message>
   <source>Stale</source>
   <translation>Veraltet</translation>
  </message>
  <message>
   <source>Gap, filling</source>
   <translation>Lücke wird gefüllt</translation>
  </message>
  <message>
   <source>Warming up</source>
   <translation>Wärmt auf</translation>
  </message>
  <message>
   <source>Settling</source>
   <translation>Schwingt ein</translation>
  </message>
  <message>
   <source>Demo</source>
   <translation>Demo</translation>
  </message>
  <message>
   <source>Retry</source>
   <translation>Noch einmal</translation>
  </message>
  <message>
   <source>No symbol</source>
   <translation>Kein Symbol</translation>
  </message>
  <message>
   <source>Choose a symbol (type its letters)</source>
   <translation>Symbol wählen (Buchstaben tippen)</translation>
  </message>
  <message>
   <source>More ▾</source>
   <translation>Mehr ▾</translation>
  </message>
  <message>
   <source>Other timeframes</source>
   <translation>Andere Zeitrahmen</translation>
  </message>
  <message>
   <source>Add or change indicators (Ctrl+I)</source>
   <translation>Indikatoren hinzufügen oder ändern (Strg+I)</translation>
  </message>
  <message>
   <source>%</source>
   <translation>%</translation>
  </message>
  <message>
   <source>Percent scale (Alt+P)</source>
   <translation>Prozentskala (Alt+P)</translation>
  </message>
  <message>
   <source>Logarithmic price scale (Alt+L)</source>
   <translation>Logarithmische Preisskala (Alt+L)</translation>
  </message>
  <message>
   <source>Auto</source>
   <translation>Auto</translation>
  </message>
  <message>
   <source>Fit the price scale to what is in view (Esc)</source>
   <translation>Preisskala an das Sichtbare anpassen (Esc)</translation>
  </message>
  <message>
   <source>Go to</source>
   <translation>Gehe zu</translation>
  </message>
  <message>
   <source>Go to a date (Alt+G)</source>
   <translation>Zu einem Datum gehen (Alt+G)</translation>
  </message>
  <message>
   <source>Picture to the clipboard and a file (Alt+S)</source>
   <translation>Bild in Zwischenablage und Datei (Alt+S)</translation>
  </message>
  <message>
   <source>All about the view: scale, volume, time, tags</source>
   <translation>Alles zur Ansicht: Skala, Volumen, Zeit, Marken</translation>
  </message>
  <message>
   <source>How prices are drawn</source>
   <translation>Wie Kurse gezeichnet werden</translation>
  </message>
  <message>
   <source>{timeframe} bars</source>
   <translation>{timeframe}-Kerzen</translation>
  </message>
  <message>
   <source>Indicators {n}</source>
   <translation>Indikatoren {n}</translation>
  </message>
  <message>
   <source>Candles</source>
   <translation>Kerzen</translation>
  </message>
  <message>
   <source>Hollow candles</source>
   <translation>Hohle Kerzen</translation>
  </message>
  <message>
   <source>Bars (OHLC)</source>
   <translation>Balken (OHLC)</translation>
  </message>
  <message>
   <source>Line</source>
   <translation>Linie</translation>
  </message>
  <message>
   <source>Area</source>
   <translation>Fläche</translation>
  </message>
  <message>
   <source>Heikin-Ashi</source>
   <translation>Heikin-Ashi</translation>
  </message>
  <message>
   <source>High</source>
   <translation>Hoch</translation>
  </message>
  <message>
   <source>Low</source>
   <translation>Tief</translation>
  </message>
  <message>
   <source>Prev close</source>
   <translation>Vortag</translation>
  </message>
  <message>
   <source>Bid</source>
   <translation>Bid</translation>
  </message>
  <message>
   <source>Ask</source>
   <translation>Ask</translation>
  </message>
  <message>
   <source>Mon</source>
   <translation>Mo</translation>
  </message>
  <message>
   <source>Tue</source>
   <translation>Di</translation>
  </message>
  <message>
   <source>Wed</source>
   <translation>Mi</translation>
  </message>
  <message>
   <source>Thu</source>
   <translation>Do</translation>
  </message>
  <message>
   <source>Fri</source>
   <translation>Fr</translation>
  </message>
  <message>
   <source>Sat</source>
   <translation>Sa</translation>
  </message>
  <message>
   <source>Sun</source>
   <translation>So</translation>
  </message>
  <message>
   <source>Freshness of all symbols</source>
   <translation>Aktualität aller Symbole</translation>
  </message>
  <message>
   <source>Shards</source>
   <translation>Shards</translation>
  </message>
  <message>
   <source>Freshness</source>
   <translation>Aktualität</translation>
  </message>
  <message>
   <source>Coverage of the lake</source>
   <translation>Abdeckung des Bestands</translation>
  </message>
  <message>
   <source>Wheel: zoom; drag: move; double click: all years</source>
   <translation>Rad: Zoom; Ziehen: verschieben; Doppelklick: alle Jahre</translation>
  </message>
  <message>
   <source>TF</source>
   <translation>TF</translation>
  </message>
  <message>
   <source>On disk</source>
   <translation>Auf Platte</translation>
  </message>
  <message>
   <source>Score</source>
   <translation>Note</translation>
  </message>
  <message>
   <source>Quality 0 to 100, once it was checked</source>
   <translation>Qualität von 0 bis 100, sobald geprüft</translation>
  </message>
  <message>
   <source>full</source>
   <translation>voll</translation>
  </message>
  <message>
   <source>few holes</source>
   <translation>wenige Lücken</translation>
  </message>
  <message>
   <source>Faults</source>
   <translation>Fehler</translation>
  </message>
  <message>
   <source>With faults</source>
   <translation>Mit Fehlern</translation>
  </message>
  <message>
   <source>Repair, export, reload</source>
   <translation>Reparieren, exportieren, neu laden</translation>
  </message>
  <message>
   <source>Select a series to see what is wrong with it.</source>
   <translation>Eine Reihe wählen, um zu sehen, was ihr fehlt.</translation>
  </message>
  <message>
   <source>File…</source>
   <translation>Datei…</translation>
  </message>
  <message>
   <source>Folder…</source>
   <translation>Ordner…</translation>
  </message>
  <message>
   <source>Import candles</source>
   <translation>Kerzen importieren</translation>
  </message>
  <message>
   <source>Import a folder of candles</source>
   <translation>Einen Ordner mit Kerzen importieren</translation>
  </message>
  <message>
   <source>Show all years</source>
   <translation>Alle Jahre</translation>
  </message>
  <message>
   <source>Reload</source>
   <translation>Neu laden</translation>
  </message>
  <message>
   <source>Download</source>
   <translation>Download</translation>
  </message>
  <message>
   <source>Fetch candles from the venue</source>
   <translation>Kerzen von der Börse holen</translation>
  </message>
  <message>
   <source>Import</source>
   <translation>Import</translation>
  </message>
  <message>
   <source>A file or a folder of candles; it can be dropped here as well</source>
   <translation>Datei oder Ordner mit Kerzen; geht auch per Drag-and-drop</translation>
  </message>
  <message>
   <source>Check</source>
   <translation>Prüfen</translation>
  </message>
  <message>
   <source>Judge the selected series, or all that are shown</source>
   <translation>Die gewählten Reihen prüfen, sonst alle gezeigten</translation>
  </message>
  <message>
   <source>The lake is empty. Download candles, or drop a file or a folder of them here.</source>
   <translation>Der Bestand ist leer. Kerzen herunterladen oder eine Datei oder einen Ordner hierher ziehen.</translation>
  </message>
  <message>
   <source>All files</source>
   <translation>Alle Dateien</translation>
  </message>
  <message>
   <source>Check the selected</source>
   <translation>Gewählte prüfen</translation>
  </message>
  <message>
   <source>Repair the selected</source>
   <translation>Gewählte reparieren</translation>
  </message>
  <message>
   <source>Download what is missing…</source>
   <translation>Fehlendes herunterladen…</translation>
  </message>
  <message>
   <source>Export…</source>
   <translation>Exportieren…</translation>
  </message>
  <message>
   <source>Copy rows</source>
   <translation>Zeilen kopieren</translation>
  </message>
  <message>
   <source>Fault</source>
   <translation>Fehler</translation>
  </message>
  <message>
   <source>No series fits this filter.</source>
   <translation>Keine Reihe passt zu diesem Filter.</translation>
  </message>
  <message>
   <source>Select a series.</source>
   <translation>Eine Reihe wählen.</translation>
  </message>
  <message>
   <source>All</source>
   <translation>Alle</translation>
  </message>
  <message>
   <source>{n} series are selected.</source>
   <translation>{n} Reihen sind gewählt.</translation>
  </message>
  <message>
   <source>Download candles</source>
   <translation>Kerzen herunterladen</translation>
  </message>
  <message>
   <source>Only what the lake lacks is fetched. Cancelled or cut off, it goes on where it stood when asked again.</source>
   <translation>Nur was im Bestand fehlt, wird geholt. Nach Abbruch geht es beim nächsten Mal dort weiter.</translation>
  </message>
  <message>
   <source>Nothing is written before the whole file was checked.</source>
   <translation>Nichts wird geschrieben, bevor die ganze Datei geprüft ist.</translation>
  </message>
  <message>
   <source>A file of that name is replaced.</source>
   <translation>Eine Datei dieses Namens wird ersetzt.</translation>
  </message>
  <message>
   <source>MARKET:NAME, several with commas</source>
   <translation>MARKT:NAME, mehrere mit Komma</translation>
  </message>
  <message>
   <source>Source</source>
   <translation>Quelle</translation>
  </message>
  <message>
   <source>auto: archives for closed months, the venue for the rest</source>
   <translation>auto: Archive für volle Monate, die Börse für den Rest</translation>
  </message>
  <message>
   <source>as the bars are</source>
   <translation>wie die Kerzen sind</translation>
  </message>
  <message>
   <source>from the file</source>
   <translation>aus der Datei</translation>
  </message>
  <message>
   <source>Time zone</source>
   <translation>Zeitzone</translation>
  </message>
  <message>
   <source>Of times that name none, as Europe/Berlin</source>
   <translation>Von Zeiten, die keine nennen, etwa Europe/Berlin</translation>
  </message>
  <message>
   <source>{n} files; the symbol of each is read off its path. This is the first.</source>
   <translation>{n} Dateien; das Symbol steht jeweils im Pfad. Dies ist die erste.</translation>
  </message>
  <message>
   <source>Whose candles are these? As BTCUSDT.</source>
   <translation>Wessen Kerzen sind das? Etwa BTCUSDT.</translation>
  </message>
  <message>
   <source>File</source>
   <translation>Datei</translation>
  </message>
  <message>
   <source>CSV, Parquet or Feather, by its ending</source>
   <translation>CSV, Parquet oder Feather, je nach Endung</translation>
  </message>
  <message>
   <source>Made from minutes where it is not stored</source>
   <translation>Aus Minuten gebildet, wo es nicht gespeichert ist</translation>
  </message>
  <message>
   <source>Name a file, as btc.csv.</source>
   <translation>Eine Datei nennen, etwa btc.csv.</translation>
  </message>
  <message>
   <source>Write it as 2024-01-31, or leave it empty.</source>
   <translation>Als 2024-01-31 schreiben oder leer lassen.</translation>
  </message>
  <message>
   <source>since its listing</source>
   <translation>seit dem Listing</translation>
  </message>
  <message>
   <source>Write MARKET:NAME, as {example}.</source>
   <translation>Als MARKT:NAME schreiben, etwa {example}.</translation>
  </message>
  <message>
   <source>Export {symbol}</source>
   <translation>{symbol} exportieren</translation>
  </message>
  <message>
   <source>Say which column is which.</source>
   <translation>Angeben, welche Spalte welche ist.</translation>
  </message>
  <message>
   <source>No column is chosen for {roles}.</source>
   <translation>Für {roles} ist keine Spalte gewählt.</translation>
  </message>
  <message>
   <source>Files of own strategies</source>
   <translation>Dateien eigener Strategien</translation>
  </message>
  <message>
   <source>not live</source>
   <translation>nicht live</translation>
  </message>
  <message>
   <source>Waiting for the engine's files</source>
   <translation>Warten auf die Dateien der Engine</translation>
  </message>
  <message>
   <source>In the rules language</source>
   <translation>In der Regelsprache</translation>
  </message>
  <message>
   <source>In Python</source>
   <translation>In Python</translation>
  </message>
  <message>
   <source>Open</source>
   <translation>Öffnen</translation>
  </message>
  <message>
   <source>Choose a file on the left, or begin a new one above.</source>
   <translation>Links eine Datei wählen oder oben eine neue beginnen.</translation>
  </message>
  <message>
   <source>New</source>
   <translation>Neu</translation>
  </message>
  <message>
   <source>A new text (a menu offers Python)</source>
   <translation>Ein neuer Text (Python im Menü)</translation>
  </message>
  <message>
   <source>Copy of …</source>
   <translation>Kopie von …</translation>
  </message>
  <message>
   <source>Begin with the rules of another strategy</source>
   <translation>Mit den Regeln einer anderen Strategie beginnen</translation>
  </message>
  <message>
   <source>Save; it is live within a second (Ctrl+S)</source>
   <translation>Speichern; binnen einer Sekunde live (Strg+S)</translation>
  </message>
  <message>
   <source>Save it first; then its back-test is set up</source>
   <translation>Erst speichern; dann wird ihr Backtest eingerichtet</translation>
  </message>
  <message>
   <source>Own strategies</source>
   <translation>Eigene Strategien</translation>
  </message>
  <message>
   <source>live: {names}</source>
   <translation>live: {names}</translation>
  </message>
  <message>
   <source>No strategy of your own yet: press New, or begin with a copy of another one.</source>
   <translation>Noch keine eigene Strategie: Neu drücken oder mit der Kopie einer anderen beginnen.</translation>
  </message>
  <message>
   <source>not run yet: mend the marks above</source>
   <translation>noch nicht gerechnet: erst die Marken oben beheben</translation>
  </message>
  <message>
   <source>Write {word}</source>
   <translation>{word} schreiben</translation>
  </message>
  <message>
   <source>Live</source>
   <translation>Live</translation>
  </message>
  <message>
   <source>Chart and live signals</source>
   <translation>Chart und Live-Signale</translation>
  </message>
  <message>
   <source>Backtest</source>
   <translation>Backtest</translation>
  </message>
  <message>
   <source>Back-test a strategy</source>
   <translation>Eine Strategie testen</translation>
  </message>
  <message>
   <source>What each strategy does</source>
   <translation>Was jede Strategie tut</translation>
  </message>
  <message>
   <source>Health of feeds and engine</source>
   <translation>Zustand von Feeds und Engine</translation>
  </message>
  <message>
   <source>Settings (Ctrl+,)</source>
   <translation>Einstellungen (Strg+,)</translation>
  </message>
  <message>
   <source>Everything the window can do, by group</source>
   <translation>Alles, was das Fenster kann, nach Gruppen</translation>
  </message>
  <message>
   <source>Command palette</source>
   <translation>Befehlspalette</translation>
  </message>
  <message>
   <source>Save, rename or reset this workspace</source>
   <translation>Diese Arbeitsfläche speichern, umbenennen oder zurücksetzen</translation>
  </message>
  <message>
   <source>Longest refresh, and longest time without an answer, of the last second</source>
   <translation>Längstes Neuzeichnen und längste Zeit ohne Antwort in der letzten Sekunde</translation>
  </message>
  <message>
   <source>Type a symbol or command</source>
   <translation>Symbol oder Befehl eingeben</translation>
  </message>
  <message>
   <source>{n} live</source>
   <translation>{n} live</translation>
  </message>
  <message>
   <source>loop {ms} ms</source>
   <translation>Schleife {ms} ms</translation>
  </message>
  <message>
   <source>{n} upd/s</source>
   <translation>{n} Upd/s</translation>
  </message>
  <message>
   <source>{n} settling</source>
   <translation>{n} schwingen ein</translation>
  </message>
  <message>
   <source>{n} warming</source>
   <translation>{n} wärmen auf</translation>
  </message>
  <message>
   <source>frame {ms} ms</source>
   <translation>Bild {ms} ms</translation>
  </message>
  <message>
   <source>{n} stalls</source>
   <translation>{n} Hänger</translation>
  </message>
  <message>
   <source>Workspace {name}</source>
   <translation>Arbeitsfläche {name}</translation>
  </message>
  <message>
   <source>{n} symbols</source>
   <translation>{n} Symbole</translation>
  </message>
  <message>
   <source>Engine health</source>
   <translation>Zustand der Engine</translation>
  </message>
  <message>
   <source>Waiting for the engine's first pulse</source>
   <translation>Warten auf den ersten Puls der Engine</translation>
  </message>
  <message>
   <source>Restart this shard</source>
   <translation>Diesen Shard neu starten</translation>
  </message>
  <message>
   <source>{words} · history {percent}</source>
   <translation>{words} · Historie {percent}</translation>
  </message>
  <message>
   <source>Restart {n} shards</source>
   <translation>{n} Shards neu starten</translation>
  </message>
  <message>
   <source>Warming up: {done} of {all} symbols speak</source>
   <translation>Aufwärmen: {done} von {all} Symbolen liefern</translation>
  </message>
  <message>
   <source>{market}, shard {shard}: {state}</source>
   <translation>{market}, Shard {shard}: {state}</translation>
  </message>
  <message>
   <source>Engine lost: {reason}</source>
   <translation>Engine verloren: {reason}</translation>
  </message>
  <message>
   <source>Heat map</source>
   <translation>Heatmap</translation>
  </message>
  <message>
   <source>Turnover of 24 hours: {volume}</source>
   <translation>Umsatz in 24 Stunden: {volume}</translation>
  </message>
  <message>
   <source>Go on where it stood</source>
   <translation>Dort fortsetzen, wo es stand</translation>
  </message>
  <message>
   <source>Take this line away</source>
   <translation>Diese Zeile entfernen</translation>
  </message>
  <message>
   <source>It failed; the engine gave no reason.</source>
   <translation>Fehlgeschlagen; die Engine nannte keinen Grund.</translation>
  </message>
  <message>
   <source>Cancelled; what was done is kept</source>
   <translation>Abgebrochen; was fertig war, bleibt</translation>
  </message>
  <message>
   <source>Filter jobs</source>
   <translation>Aufträge filtern</translation>
  </message>
  <message>
   <source>Open result</source>
   <translation>Ergebnis öffnen</translation>
  </message>
  <message>
   <source>Clear ended</source>
   <translation>Beendete leeren</translation>
  </message>
  <message>
   <source>Copy the error</source>
   <translation>Fehler kopieren</translation>
  </message>
  <message>
   <source>Shortcuts</source>
   <translation>Tastenkürzel</translation>
  </message>
  <message>
   <source>Search the shortcuts</source>
   <translation>Tastenkürzel suchen</translation>
  </message>
  <message>
   <source>All defaults</source>
   <translation>Standard</translation>
  </message>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>{keys} is used twice: by “{one}” and “{other}”.</source>
   <translation>{keys} ist doppelt belegt: durch „{one}“ und „{other}“.</translation>
  </message>
  <message>
   <source>Everything</source>
   <translation>Alles</translation>
  </message>
  <message>
   <source>Info and above</source>
   <translation>Ab Info</translation>
  </message>
  <message>
   <source>Warnings and errors</source>
   <translation>Ab Warnung</translation>
  </message>
  <message>
   <source>Errors only</source>
   <translation>Nur Fehler</translation>
  </message>
  <message>
   <source>Level</source>
   <translation>Stufe</translation>
  </message>
  <message>
   <source>Search the log</source>
   <translation>Log durchsuchen</translation>
  </message>
  <message>
   <source>All sources</source>
   <translation>Alle Quellen</translation>
  </message>
  <message>
   <source>Which part of the engine speaks</source>
   <translation>Welcher Teil der Engine spricht</translation>
  </message>
  <message>
   <source>Copy the selected lines, or all that are shown</source>
   <translation>Gewählte Zeilen kopieren, sonst alle gezeigten</translation>
  </message>
  <message>
   <source>Open the folder of the log file</source>
   <translation>Den Ordner der Logdatei öffnen</translation>
  </message>
  <message>
   <source>{w} warnings · {e} errors</source>
   <translation>{w} Warnungen · {e} Fehler</translation>
  </message>
  <message>
   <source>Symbol, command, strategy or timeframe</source>
   <translation>Symbol, Befehl, Strategie oder Zeitrahmen</translation>
  </message>
  <message>
   <source>Enter choose · Esc close</source>
   <translation>Enter wählen · Esc schließen</translation>
  </message>
  <message>
   <source>Enter open · Esc close · &gt; commands only · : symbols only</source>
   <translation>Enter öffnen · Esc schließen · &gt; nur Befehle · : nur Symbole</translation>
  </message>
  <message>
   <source>Nothing matches "{text}" among {n} entries</source>
   <translation>Nichts passt zu „{text}“ unter {n} Einträgen</translation>
  </message>
  <message>
   <source>Try again</source>
   <translation>Noch einmal</translation>
  </message>
  <message>
   <source>Parity</source>
   <translation>Parität</translation>
  </message>
  <message>
   <source>Differences</source>
   <translation>Abweichungen</translation>
  </message>
  <message>
   <source>yesterday</source>
   <translation>gestern</translation>
  </message>
  <message>
   <source>A day (UTC) as 2026-11-22; empty = yesterday</source>
   <translation>Ein Tag (UTC) wie 2026-11-22; leer = gestern</translation>
  </message>
  <message>
   <source>The chart's symbol only</source>
   <translation>Nur das Symbol des Charts</translation>
  </message>
  <message>
   <source>Compare</source>
   <translation>Vergleichen</translation>
  </message>
  <message>
   <source>Does live say what the back-test says? This replays a day's candles of all live symbols through the back-test and compares with the journal, to the last bit.</source>
   <translation>Sagt live dasselbe wie der Backtest? Spielt die Kerzen eines Tages aller Live-Symbole durch den Backtest und vergleicht mit dem Journal, aufs letzte Bit.</translation>
  </message>
  <message>
   <source>Comparing</source>
   <translation>Vergleich läuft</translation>
  </message>
  <message>
   <source>{time} left</source>
   <translation>noch {time}</translation>
  </message>
  <message>
   <source>Copy the picture</source>
   <translation>Bild kopieren</translation>
  </message>
  <message>
   <source>Save the picture …</source>
   <translation>Bild speichern …</translation>
  </message>
  <message>
   <source>Copy the values</source>
   <translation>Werte kopieren</translation>
  </message>
  <message>
   <source>Export the values as CSV …</source>
   <translation>Werte als CSV exportieren …</translation>
  </message>
  <message>
   <source>Save the picture</source>
   <translation>Bild speichern</translation>
  </message>
  <message>
   <source>Export the values</source>
   <translation>Werte exportieren</translation>
  </message>
  <message>
   <source>Nothing to draw</source>
   <translation>Nichts zu zeichnen</translation>
  </message>
  <message>
   <source>Copy picture</source>
   <translation>Bild kopieren</translation>
  </message>
  <message>
   <source>Save picture…</source>
   <translation>Bild speichern…</translation>
  </message>
  <message>
   <source>Copy values</source>
   <translation>Werte kopieren</translation>
  </message>
  <message>
   <source>Save picture</source>
   <translation>Bild speichern</translation>
  </message>
  <message>
   <source>Show all</source>
   <translation>Alle zeigen</translation>
  </message>
  <message>
   <source>Group</source>
   <translation>Gruppe</translation>
  </message>
  <message>
   <source>Won</source>
   <translation>Gewonnen</translation>
  </message>
  <message>
   <source>Profit</source>
   <translation>Gewinn</translation>
  </message>
  <message>
   <source>Mean</source>
   <translation>Mittel</translation>
  </message>
  <message>
   <source>Profit factor</source>
   <translation>Profitfaktor</translation>
  </message>
  <message>
   <source>Fees</source>
   <translation>Gebühren</translation>
  </message>
  <message>
   <source>the prices gave nothing before costs</source>
   <translation>die Kurse brachten vor Kosten nichts</translation>
  </message>
  <message>
   <source>{label}: {profit}
{n} trades, {won} won
mean {mean}, profit factor {pf}</source>
   <translation>{label}: {profit}
{n} Trades, {won} gewonnen
Mittel {mean}, Profitfaktor {pf}</translation>
  </message>
  <message>
   <source>Slippage, spread</source>
   <translation>Slippage, Spread</translation>
  </message>
  <message>
   <source>Funding</source>
   <translation>Funding</translation>
  </message>
  <message>
   <source>Before costs</source>
   <translation>Vor Kosten</translation>
  </message>
  <message>
   <source>Step</source>
   <translation>Schritt</translation>
  </message>
  <message>
   <source>{label}: no trades</source>
   <translation>{label}: keine Trades</translation>
  </message>
  <message>
   <source>costs take {share} of what the prices gave</source>
   <translation>Kosten nehmen {share} von dem, was die Kurse brachten</translation>
  </message>
  <message>
   <source>Money</source>
   <translation>Geld</translation>
  </message>
  <message>
   <source>{a} to {b}
{n} trades, {share}</source>
   <translation>{a} bis {b}
{n} Trades, {share}</translation>
  </message>
  <message>
   <source>Jan</source>
   <translation>Jan</translation>
  </message>
  <message>
   <source>Feb</source>
   <translation>Feb</translation>
  </message>
  <message>
   <source>Mar</source>
   <translation>Mrz</translation>
  </message>
  <message>
   <source>Apr</source>
   <translation>Apr</translation>
  </message>
  <message>
   <source>May</source>
   <translation>Mai</translation>
  </message>
  <message>
   <source>Jun</source>
   <translation>Jun</translation>
  </message>
  <message>
   <source>Jul</source>
   <translation>Jul</translation>
  </message>
  <message>
   <source>Aug</source>
   <translation>Aug</translation>
  </message>
  <message>
   <source>Sep</source>
   <translation>Sep</translation>
  </message>
  <message>
   <source>Oct</source>
   <translation>Okt</translation>
  </message>
  <message>
   <source>Nov</source>
   <translation>Nov</translation>
  </message>
  <message>
   <source>Dec</source>
   <translation>Dez</translation>
  </message>
  <message>
   <source>Year</source>
   <translation>Jahr</translation>
  </message>
  <message>
   <source>Total</source>
   <translation>Gesamt</translation>
  </message>
  <message>
   <source>whole year</source>
   <translation>ganzes Jahr</translation>
  </message>
  <message>
   <source>buy and hold</source>
   <translation>Buy and hold</translation>
  </message>
  <message>
   <source>Trade {n}: {result}
{across}: {x}</source>
   <translation>Trade {n}: {result}
{across}: {x}</translation>
  </message>
  <message>
   <source>{n} wild ones outside</source>
   <translation>{n} Ausreißer außerhalb</translation>
  </message>
  <message>
   <source>Moment of the replay</source>
   <translation>Zeitpunkt des Replays</translation>
  </message>
  <message>
   <source>Play or pause (Space)</source>
   <translation>Abspielen oder anhalten (Leertaste)</translation>
  </message>
  <message>
   <source>On to the close of the chart's bar (Right)</source>
   <translation>Weiter zum Schluss der Chart-Kerze (Rechts)</translation>
  </message>
  <message>
   <source>One minute on (Shift+Right)</source>
   <translation>Eine Minute weiter (Umschalt+Rechts)</translation>
  </message>
  <message>
   <source>Back to live</source>
   <translation>Zurück zu live</translation>
  </message>
  <message>
   <source>Replay from the chart's bar</source>
   <translation>Replay ab der Kerze im Chart</translation>
  </message>
  <message>
   <source>2023-11-14 22:00</source>
   <translation>2023-11-14 22:00</translation>
  </message>
  <message>
   <source>Jump to a date, UTC (Enter)</source>
   <translation>Zu einem Datum springen, UTC (Enter)</translation>
  </message>
  <message>
   <source>Running bars</source>
   <translation>Laufende Kerzen</translation>
  </message>
  <message>
   <source>Provisional signals too. A minute is played as open, low and high (high and low where it fell), close.</source>
   <translation>Auch vorläufige Signale. Eine Minute wird als Open, Tief und Hoch (bei fallenden Hoch und Tief), Close gespielt.</translation>
  </message>
  <message>
   <source>All kinds</source>
   <translation>Alle Arten</translation>
  </message>
  <message>
   <source>Warming the engine with what came before</source>
   <translation>Engine wird mit dem Vorlauf aufgewärmt</translation>
  </message>
  <message>
   <source>Click a bar of the chart and choose “Replay from here” (Alt+Y), or write a date above. The chart then shows nothing of what came later, and the real signal engine says what it would have said.</source>
   <translation>Eine Kerze im Chart anklicken und „Replay ab hier“ (Alt+Y) wählen oder oben ein Datum eingeben. Der Chart zeigt dann nichts von dem, was später kam, und die echte Signal-Engine sagt, was sie gesagt hätte.</translation>
  </message>
  <message>
   <source>Jump to {moment}</source>
   <translation>Zu {moment} springen</translation>
  </message>
  <message>
   <source>Go on from {moment}</source>
   <translation>Weiter ab {moment}</translation>
  </message>
  <message>
   <source>The engine was lost at {moment} of the replay.</source>
   <translation>Die Engine ging bei {moment} des Replays verloren.</translation>
  </message>
  <message>
   <source>Select two to four runs with Ctrl or Shift and a click</source>
   <translation>Zwei bis vier Läufe mit Strg oder Umschalt und Klick wählen</translation>
  </message>
  <message>
   <source>Kept runs</source>
   <translation>Gespeicherte Läufe</translation>
  </message>
  <message>
   <source>Comparison</source>
   <translation>Vergleich</translation>
  </message>
  <message>
   <source>Read the list again</source>
   <translation>Liste neu lesen</translation>
  </message>
  <message>
   <source>Only what differs</source>
   <translation>Nur Unterschiede</translation>
  </message>
  <message>
   <source>Close the comparison</source>
   <translation>Vergleich schließen</translation>
  </message>
  <message>
   <source>Equity over cash</source>
   <translation>Equity über Cash</translation>
  </message>
  <message>
   <source>{strategy} on {symbol} {timeframe}</source>
   <translation>{strategy} auf {symbol} {timeframe}</translation>
  </message>
  <message>
   <source>Search: strategy, symbol, parameter</source>
   <translation>Suche: Strategie, Symbol, Parameter</translation>
  </message>
  <message>
   <source>No back-test was kept yet. Run one (F9): every run is kept here.</source>
   <translation>Noch kein Backtest gespeichert. Einen starten (F9): Jeder Lauf bleibt hier.</translation>
  </message>
  <message>
   <source>When</source>
   <translation>Wann</translation>
  </message>
  <message>
   <source>correlation of the days {value}</source>
   <translation>Korrelation der Tage {value}</translation>
  </message>
  <message>
   <source>Compare the {n} selected runs</source>
   <translation>Die {n} gewählten Läufe vergleichen</translation>
  </message>
  <message>
   <source>Delete {n} runs</source>
   <translation>{n} Läufe löschen</translation>
  </message>
  <message>
   <source>No run has "{words}" in it.</source>
   <translation>Kein Lauf enthält „{words}“.</translation>
  </message>
  <message>
   <source>Filter, as RSI(14) &lt; 30</source>
   <translation>Filter, etwa RSI(14) &lt; 30</translation>
  </message>
  <message>
   <source>Filter in the rules language</source>
   <translation>In der Regelsprache filtern</translation>
  </message>
  <message>
   <source>Timeframe of the filter</source>
   <translation>Zeitrahmen des Filters</translation>
  </message>
  <message>
   <source>Saved filters</source>
   <translation>Gespeicherte Filter</translation>
  </message>
  <message>
   <source>Examples</source>
   <translation>Beispiele</translation>
  </message>
  <message>
   <source>Save this filter</source>
   <translation>Diesen Filter speichern</translation>
  </message>
  <message>
   <source>Save this filter...</source>
   <translation>Diesen Filter speichern...</translation>
  </message>
  <message>
   <source>Alert me when a symbol meets it...</source>
   <translation>Alarm, wenn ein Symbol ihn erfüllt...</translation>
  </message>
  <message>
   <source>General</source>
   <translation>Allgemein</translation>
  </message>
  <message>
   <source>Feeds</source>
   <translation>Feeds</translation>
  </message>
  <message>
   <source>Warm-up</source>
   <translation>Vorlauf</translation>
  </message>
  <message>
   <source>Connection</source>
   <translation>Verbindung</translation>
  </message>
  <message>
   <source>Storage</source>
   <translation>Speicher</translation>
  </message>
  <message>
   <source>Journal</source>
   <translation>Journal</translation>
  </message>
  <message>
   <source>after a restart of the engine</source>
   <translation>nach einem Neustart der Engine</translation>
  </message>
  <message>
   <source>after a restart of the window</source>
   <translation>nach einem Neustart des Fensters</translation>
  </message>
  <message>
   <source>Default</source>
   <translation>Standard</translation>
  </message>
  <message>
   <source>empty</source>
   <translation>leer</translation>
  </message>
  <message>
   <source>Search the settings</source>
   <translation>Einstellungen suchen</translation>
  </message>
  <message>
   <source>on</source>
   <translation>ein</translation>
  </message>
  <message>
   <source>Back to {value}</source>
   <translation>Zurück auf {value}</translation>
  </message>
  <message>
   <source>Counts {when}.</source>
   <translation>Gilt {when}.</translation>
  </message>
  <message>
   <source>In {unit}.</source>
   <translation>Einheit: {unit}.</translation>
  </message>
  <message>
   <source>Set by {what} for this run.</source>
   <translation>Für diesen Lauf gesetzt durch {what}.</translation>
  </message>
  <message>
   <source>{n} changed.</source>
   <translation>{n} geändert.</translation>
  </message>
  <message>
   <source>When the engine emitted it, UTC</source>
   <translation>Wann die Engine es meldete, UTC</translation>
  </message>
  <message>
   <source>Provisional: on the running bar. Withdrawn: it did not last to the close. * has a mark</source>
   <translation>Vorläufig: auf der laufenden Kerze. Zurückgezogen: hielt nicht bis zum Schluss. * mit Vermerk</translation>
  </message>
  <message>
   <source>The bar's close</source>
   <translation>Schluss der Kerze</translation>
  </message>
  <message>
   <source>Strength: the bar's move in the signal's direction, in usual moves of a bar</source>
   <translation>Stärke: Bewegung der Kerze in Signalrichtung, in üblichen Kerzenbewegungen</translation>
  </message>
  <message>
   <source>The price's move since, in the signal's direction (of an exit: away from it), before costs</source>
   <translation>Kursbewegung seither, in Signalrichtung (bei Ausstieg: dagegen), vor Kosten</translation>
  </message>
  <message>
   <source>The bar is full when new and empty after ten minutes</source>
   <translation>Der Balken ist voll, wenn neu, und leer nach zehn Minuten</translation>
  </message>
  <message>
   <source>Click to open or close this minute</source>
   <translation>Klick öffnet oder schließt diese Minute</translation>
  </message>
  <message>
   <source>Symbol or strategy</source>
   <translation>Symbol oder Strategie</translation>
  </message>
  <message>
   <source>All markets</source>
   <translation>Alle Märkte</translation>
  </message>
  <message>
   <source>All TF</source>
   <translation>Alle TF</translation>
  </message>
  <message>
   <source>Mine</source>
   <translation>Eigene</translation>
  </message>
  <message>
   <source>Only your own strategies and promoted sets</source>
   <translation>Nur eigene Strategien und live geschaltete Sätze</translation>
  </message>
  <message>
   <source>A minute with many signals is one row</source>
   <translation>Eine Minute mit vielen Signalen ist eine Zeile</translation>
  </message>
  <message>
   <source>Show its bar</source>
   <translation>Kerze zeigen</translation>
  </message>
  <message>
   <source>Copy all as CSV</source>
   <translation>Alle als CSV kopieren</translation>
  </message>
  <message>
   <source>Export as CSV...</source>
   <translation>Als CSV exportieren...</translation>
  </message>
  <message>
   <source>Market or list</source>
   <translation>Markt oder Liste</translation>
  </message>
  <message>
   <source>Strategy or family</source>
   <translation>Strategie oder Familie</translation>
  </message>
  <message>
   <source>Both sides</source>
   <translation>Beide Seiten</translation>
  </message>
  <message>
   <source>Your list</source>
   <translation>Eigene Liste</translation>
  </message>
  <message>
   <source>Family</source>
   <translation>Familie</translation>
  </message>
  <message>
   <source>How far the price has gone since, in each signal's direction, before costs</source>
   <translation>Wie weit der Kurs seither lief, in Richtung jedes Signals, vor Kosten</translation>
  </message>
  <message>
   <source>Only this strategy</source>
   <translation>Nur diese Strategie</translation>
  </message>
  <message>
   <source>Alert me of signals like this...</source>
   <translation>Alarm bei solchen Signalen...</translation>
  </message>
  <message>
   <source>Export signals</source>
   <translation>Signale exportieren</translation>
  </message>
  <message>
   <source>CSV (*.csv)</source>
   <translation>CSV (*.csv)</translation>
  </message>
  <message>
   <source>{n} signals</source>
   <translation>{n} Signale</translation>
  </message>
  <message>
   <source>{share} of them right so far</source>
   <translation>{share} davon bisher richtig</translation>
  </message>
  <message>
   <source>mean {move}</source>
   <translation>Mittel {move}</translation>
  </message>
  <message>
   <source>Only {symbol}</source>
   <translation>Nur {symbol}</translation>
  </message>
  <message>
   <source>{n} new</source>
   <translation>{n} neu</translation>
  </message>
  <message>
   <source>SELECT … FROM candles | signals | runs | trades | equity | metrics | walks | promotions</source>
   <translation>SELECT … FROM candles | signals | runs | trades | equity | metrics | walks | promotions</translation>
  </message>
  <message>
   <source>Query</source>
   <translation>Abfrage</translation>
  </message>
  <message>
   <source>Answer</source>
   <translation>Antwort</translation>
  </message>
  <message>
   <source>Run the query, or what is selected of it (Ctrl+Enter)</source>
   <translation>Abfrage oder ihren gewählten Teil ausführen (Strg+Enter)</translation>
  </message>
  <message>
   <source>Most rows</source>
   <translation>Höchstzahl Zeilen</translation>
  </message>
  <message>
   <source>Stopped after</source>
   <translation>Angehalten nach</translation>
  </message>
  <message>
   <source>Save the answer as CSV</source>
   <translation>Antwort als CSV speichern</translation>
  </message>
  <message>
   <source>Chart: jump to the selected row</source>
   <translation>Chart: zur gewählten Zeile springen</translation>
  </message>
  <message>
   <source>Chart: mark the moments of all rows</source>
   <translation>Chart: Zeitpunkte aller Zeilen markieren</translation>
  </message>
  <message>
   <source>Watchlist: a list of these symbols</source>
   <translation>Watchlist: Liste dieser Symbole</translation>
  </message>
  <message>
   <source>Running</source>
   <translation>Läuft</translation>
  </message>
  <message>
   <source>, cut at the limit</source>
   <translation>, an der Grenze abgeschnitten</translation>
  </message>
  <message>
   <source>Cancelled</source>
   <translation>Abgebrochen</translation>
  </message>
  <message>
   <source>Save as CSV…</source>
   <translation>Als CSV speichern…</translation>
  </message>
  <message>
   <source>History</source>
   <translation>Verlauf</translation>
  </message>
  <message>
   <source>Send to</source>
   <translation>Senden an</translation>
  </message>
  <message>
   <source>{n} rows in {time}</source>
   <translation>{n} Zeilen in {time}</translation>
  </message>
  <message>
   <source>Save the answer</source>
   <translation>Antwort speichern</translation>
  </message>
  <message>
   <source>, the first {n} of {all} columns</source>
   <translation>, die ersten {n} von {all} Spalten</translation>
  </message>
  <message>
   <source>Nothing ran yet</source>
   <translation>Noch nichts ausgeführt</translation>
  </message>
  <message>
   <source>Written: {path}</source>
   <translation>Geschrieben: {path}</translation>
  </message>
  <message>
   <source>Its own timeframe</source>
   <translation>Eigener Zeitrahmen</translation>
  </message>
  <message>
   <source>Dir</source>
   <translation>Ri.</translation>
  </message>
  <message>
   <source>L: long, S: short</source>
   <translation>L: Long, S: Short</translation>
  </message>
  <message>
   <source>Look-ahead</source>
   <translation>Look-ahead</translation>
  </message>
  <message>
   <source>The look-ahead detector's verdict</source>
   <translation>Urteil des Look-ahead-Detektors</translation>
  </message>
  <message>
   <source>Symbols on which it is live; + those with a promoted set</source>
   <translation>Symbole, auf denen sie live ist; + die mit live geschaltetem Satz</translation>
  </message>
  <message>
   <source>24 h</source>
   <translation>24 h</translation>
  </message>
  <message>
   <source>Confirmed entries of the last 24 hours</source>
   <translation>Bestätigte Einstiege der letzten 24 Stunden</translation>
  </message>
  <message>
   <source>Last</source>
   <translation>Zuletzt</translation>
  </message>
  <message>
   <source>Age of its newest signal</source>
   <translation>Alter ihres neuesten Signals</translation>
  </message>
  <message>
   <source>Hit</source>
   <translation>Quote</translation>
  </message>
  <message>
   <source>Share of its signals that moved their way after 10 bars</source>
   <translation>Anteil ihrer Signale, die nach 10 Kerzen in ihre Richtung liefen</translation>
  </message>
  <message>
   <source>Move bp</source>
   <translation>Bew. bp</translation>
  </message>
  <message>
   <source>Mean move after 10 bars in the signal's direction, in basis points, before costs</source>
   <translation>Mittlere Bewegung nach 10 Kerzen in Signalrichtung, in Basispunkten, vor Kosten</translation>
  </message>
  <message>
   <source>With signals</source>
   <translation>Mit Signalen</translation>
  </message>
  <message>
   <source>Promoted</source>
   <translation>Live gesetzt</translation>
  </message>
  <message>
   <source>Own</source>
   <translation>Eigene</translation>
  </message>
  <message>
   <source>Leaks</source>
   <translation>Undicht</translation>
  </message>
  <message>
   <source>Name, idea or rule</source>
   <translation>Name, Idee oder Regel</translation>
  </message>
  <message>
   <source>Search strategies</source>
   <translation>Strategien suchen</translation>
  </message>
  <message>
   <source>Waiting for the engine's strategies</source>
   <translation>Warten auf die Strategien der Engine</translation>
  </message>
  <message>
   <source>The engine has no strategies loaded; its log says why.</source>
   <translation>Die Engine hat keine Strategien geladen; ihr Log sagt, warum.</translation>
  </message>
  <message>
   <source>{n} of {total}</source>
   <translation>{n} von {total}</translation>
  </message>
  <message>
   <source>No strategy is of this kind now. Choose All above.</source>
   <translation>Keine Strategie ist gerade von dieser Art. Oben Alle wählen.</translation>
  </message>
  <message>
   <source>No strategy matches "{text}".</source>
   <translation>Keine Strategie passt zu „{text}“.</translation>
  </message>
  <message>
   <source>long</source>
   <translation>Long</translation>
  </message>
  <message>
   <source>short</source>
   <translation>Short</translation>
  </message>
  <message>
   <source>both</source>
   <translation>beide</translation>
  </message>
  <message>
   <source>Back-test it on the chart's symbol</source>
   <translation>Auf dem Symbol des Charts testen</translation>
  </message>
  <message>
   <source>Optimise its parameters window by window</source>
   <translation>Ihre Parameter Fenster für Fenster optimieren</translation>
  </message>
  <message>
   <source>Show on chart</source>
   <translation>Im Chart zeigen</translation>
  </message>
  <message>
   <source>Its indicators, and where it would have entered</source>
   <translation>Ihre Indikatoren und wo sie eingestiegen wäre</translation>
  </message>
  <message>
   <source>What if</source>
   <translation>Was wäre wenn</translation>
  </message>
  <message>
   <source>Drag its stop, target and periods; the back-test follows</source>
   <translation>Stop, Ziel und Perioden ziehen; der Backtest folgt</translation>
  </message>
  <message>
   <source>Copy to editor</source>
   <translation>In den Editor</translation>
  </message>
  <message>
   <source>Begin a strategy of your own with its rules</source>
   <translation>Eigene Strategie mit ihren Regeln beginnen</translation>
  </message>
  <message>
   <source>live</source>
   <translation>live</translation>
  </message>
  <message>
   <source>Parameter</source>
   <translation>Parameter</translation>
  </message>
  <message>
   <source>Searched</source>
   <translation>Gesucht</translation>
  </message>
  <message>
   <source>look-ahead: {verdict}</source>
   <translation>Look-ahead: {verdict}</translation>
  </message>
  <message>
   <source>Skip</source>
   <translation>Überspringen</translation>
  </message>
  <message>
   <source>Next</source>
   <translation>Weiter</translation>
  </message>
  <message>
   <source>Done</source>
   <translation>Fertig</translation>
  </message>
  <message>
   <source>Sound</source>
   <translation>Ton</translation>
  </message>
  <message>
   <source>Desktop message</source>
   <translation>Desktop-Meldung</translation>
  </message>
  <message>
   <source>signals</source>
   <translation>Signale</translation>
  </message>
  <message>
   <source>also provisional</source>
   <translation>auch vorläufige</translation>
  </message>
  <message>
   <source>all symbols</source>
   <translation>alle Symbole</translation>
  </message>
  <message>
   <source>Choose at least one way to be told.</source>
   <translation>Mindestens einen Meldeweg wählen.</translation>
  </message>
  <message>
   <source>{scan} on {timeframe}, {where}</source>
   <translation>{scan} auf {timeframe}, {where}</translation>
  </message>
  <message>
   <source>entries</source>
   <translation>Einstiege</translation>
  </message>
  <message>
   <source>exits</source>
   <translation>Ausstiege</translation>
  </message>
  <message>
   <source>provisional</source>
   <translation>vorläufig</translation>
  </message>
  <message>
   <source>list "{name}"</source>
   <translation>Liste „{name}“</translation>
  </message>
  <message>
   <source>of {strategy}</source>
   <translation>von {strategy}</translation>
  </message>
  <message>
   <source>of the family {family}</source>
   <translation>der Familie {family}</translation>
  </message>
  <message>
   <source>strength from {n}</source>
   <translation>Stärke ab {n}</translation>
  </message>
  <message>
   <source>Kept by an older version without its daily curve: what is read off it is approximate.</source>
   <translation>Von einer älteren Version ohne Tageskurve gespeichert: Daraus Gelesenes ist ungefähr.</translation>
  </message>
  <message>
   <source>Winners</source>
   <translation>Gewinner</translation>
  </message>
  <message>
   <source>Losers</source>
   <translation>Verlierer</translation>
  </message>
  <message>
   <source>CAGR</source>
   <translation>CAGR</translation>
  </message>
  <message>
   <source>Sharpe</source>
   <translation>Sharpe</translation>
  </message>
  <message>
   <source>Sortino</source>
   <translation>Sortino</translation>
  </message>
  <message>
   <source>Win rate</source>
   <translation>Trefferquote</translation>
  </message>
  <message>
   <source>Expectancy</source>
   <translation>Erwartungswert</translation>
  </message>
  <message>
   <source>{a} to {b}</source>
   <translation>{a} bis {b}</translation>
  </message>
  <message>
   <source>{strategy} on {n} symbols, one account</source>
   <translation>{strategy} auf {n} Symbolen, ein Konto</translation>
  </message>
  <message>
   <source>No trades: the strategy's condition was never true in this range.</source>
   <translation>Keine Trades: Die Bedingung der Strategie traf in diesem Zeitraum nie zu.</translation>
  </message>
  <message>
   <source>Costs are zero: no venue is that cheap.</source>
   <translation>Kosten sind null: So günstig ist keine Börse.</translation>
  </message>
  <message>
   <source>{n} bars in {time}</source>
   <translation>{n} Kerzen in {time}</translation>
  </message>
  <message>
   <source>Trades {trades} · data {data} · code {code}</source>
   <translation>Trades {trades} · Daten {data} · Code {code}</translation>
  </message>
  <message>
   <source>the market's</source>
   <translation>die des Marktes</translation>
  </message>
  <message>
   <source>Parameters</source>
   <translation>Parameter</translation>
  </message>
  <message>
   <source>Range</source>
   <translation>Zeitraum</translation>
  </message>
  <message>
   <source>Entries that add up</source>
   <translation>Aufstockende Einstiege</translation>
  </message>
  <message>
   <source>Fee</source>
   <translation>Gebühr</translation>
  </message>
  <message>
   <source>Slippage</source>
   <translation>Slippage</translation>
  </message>
  <message>
   <source>Spread</source>
   <translation>Spread</translation>
  </message>
  <message>
   <source>Funding where unknown</source>
   <translation>Funding, wo unbekannt</translation>
  </message>
  <message>
   <source>Trade hash</source>
   <translation>Trade-Hash</translation>
  </message>
  <message>
   <source>Data fingerprint</source>
   <translation>Daten-Fingerabdruck</translation>
  </message>
  <message>
   <source>Code version</source>
   <translation>Codeversion</translation>
  </message>
  <message>
   <source>Time taken</source>
   <translation>Dauer</translation>
  </message>
  <message>
   <source>Run id</source>
   <translation>Lauf-ID</translation>
  </message>
  <message>
   <source>of the series, else none</source>
   <translation>der der Reihe, sonst keiner</translation>
  </message>
  <message>
   <source>0.01 % per 8 h</source>
   <translation>0.01 % je 8 h</translation>
  </message>
  <message>
   <source>{n} trades, {sum}, {won} won</source>
   <translation>{n} Trades, {sum}, {won} gewonnen</translation>
  </message>
  <message>
   <source>Assumed: {text}</source>
   <translation>Angenommen: {text}</translation>
  </message>
  <message>
   <source>Code</source>
   <translation>Code</translation>
  </message>
  <message>
   <source>Entries not taken</source>
   <translation>Nicht genommene Einstiege</translation>
  </message>
  <message>
   <source>cash</source>
   <translation>Cash</translation>
  </message>
  <message>
   <source>{bp} bp + {ticks} ticks + {part} × range</source>
   <translation>{bp} bp + {ticks} Ticks + {part} × Spanne</translation>
  </message>
  <message>
   <source>none of {n}</source>
   <translation>keiner von {n}</translation>
  </message>
  <message>
   <source>Only {n} trades: too few to judge a strategy by.</source>
   <translation>Nur {n} Trades: zu wenige, um eine Strategie zu beurteilen.</translation>
  </message>
  <message>
   <source>Source: {source}</source>
   <translation>Quelle: {source}</translation>
  </message>
  <message>
   <source>1 mo</source>
   <translation>1 M</translation>
  </message>
  <message>
   <source>6 mo</source>
   <translation>6 M</translation>
  </message>
  <message>
   <source>1 y</source>
   <translation>1 J</translation>
  </message>
  <message>
   <source>3 y</source>
   <translation>3 J</translation>
  </message>
  <message>
   <source>The range ends before it begins; swap the two dates.</source>
   <translation>Der Zeitraum endet vor seinem Beginn; Daten tauschen.</translation>
  </message>
  <message>
   <source>Choose a symbol.</source>
   <translation>Ein Symbol wählen.</translation>
  </message>
  <message>
   <source>{size} of the equity</source>
   <translation>{size} des Kapitals</translation>
  </message>
  <message>
   <source>{size} a trade</source>
   <translation>{size} je Trade</translation>
  </message>
  <message>
   <source>volatility {size}</source>
   <translation>Volatilität {size}</translation>
  </message>
  <message>
   <source>risk {size}</source>
   <translation>Risiko {size}</translation>
  </message>
  <message>
   <source>{size} Kelly</source>
   <translation>{size} Kelly</translation>
  </message>
  <message>
   <source>Choose a strategy.</source>
   <translation>Eine Strategie wählen.</translation>
  </message>
  <message>
   <source>market's fee</source>
   <translation>Gebühr des Marktes</translation>
  </message>
  <message>
   <source>"{name}" is not a timeframe; use one of {known}.</source>
   <translation>„{name}“ ist kein Zeitrahmen; möglich: {known}.</translation>
  </message>
  <message>
   <source>{n} symbols are too many at once; at most {most}.</source>
   <translation>{n} Symbole sind zu viele auf einmal; höchstens {most}.</translation>
  </message>
  <message>
   <source>cash {cash}</source>
   <translation>Cash {cash}</translation>
  </message>
  <message>
   <source>slippage {n} bp</source>
   <translation>Slippage {n} bp</translation>
  </message>
  <message>
   <source>long only</source>
   <translation>nur Long</translation>
  </message>
  <message>
   <source>short only</source>
   <translation>nur Short</translation>
  </message>
  <message>
   <source>"{text}" is not a date; write it as 2024-01-31, or leave it empty for all there is.</source>
   <translation>„{text}“ ist kein Datum; als 2024-01-31 schreiben oder leer lassen für alles.</translation>
  </message>
  <message>
   <source>"{text}" is not a finite number.</source>
   <translation>„{text}“ ist keine endliche Zahl.</translation>
  </message>
  <message>
   <source>Must be above {low}.</source>
   <translation>Muss über {low} sein.</translation>
  </message>
  <message>
   <source>Must be at least {low}.</source>
   <translation>Muss mindestens {low} sein.</translation>
  </message>
  <message>
   <source>leverage {x}</source>
   <translation>Hebel {x}</translation>
  </message>
  <message>
   <source>fee {fee} %</source>
   <translation>Gebühr {fee} %</translation>
  </message>
  <message>
   <source>"{name}" is not a strategy.</source>
   <translation>„{name}“ ist keine Strategie.</translation>
  </message>
  <message>
   <source>"{name}" is on several markets; choose {some}.</source>
   <translation>„{name}“ gibt es auf mehreren Märkten; wählen: {some}.</translation>
  </message>
  <message>
   <source>Must be a whole number.</source>
   <translation>Muss eine ganze Zahl sein.</translation>
  </message>
  <message>
   <source>"{name}" is not a known symbol.</source>
   <translation>„{name}“ ist kein bekanntes Symbol.</translation>
  </message>
  <message>
   <source>Must be at most {high}.</source>
   <translation>Darf höchstens {high} sein.</translation>
  </message>
  <message>
   <source>Same symbol</source>
   <translation>Gleiches Symbol</translation>
  </message>
  <message>
   <source>Same timeframe</source>
   <translation>Gleicher Zeitrahmen</translation>
  </message>
  <message>
   <source>Crosshair at the same time</source>
   <translation>Fadenkreuz zur gleichen Zeit</translation>
  </message>
  <message>
   <source>Same visible range</source>
   <translation>Gleicher sichtbarer Bereich</translation>
  </message>
  <message>
   <source>Charts: 1</source>
   <translation>Charts: 1</translation>
  </message>
  <message>
   <source>Charts: 2 beside</source>
   <translation>Charts: 2 nebeneinander</translation>
  </message>
  <message>
   <source>Charts: 2 stacked</source>
   <translation>Charts: 2 übereinander</translation>
  </message>
  <message>
   <source>Charts: 3 beside</source>
   <translation>Charts: 3 nebeneinander</translation>
  </message>
  <message>
   <source>Charts: 1 large, 2 small</source>
   <translation>Charts: 1 groß, 2 klein</translation>
  </message>
  <message>
   <source>Charts: 2 x 2</source>
   <translation>Charts: 2 x 2</translation>
  </message>
  <message>
   <source>Charts: 1 large, 3 small</source>
   <translation>Charts: 1 groß, 3 klein</translation>
  </message>
  <message>
   <source>Charts: 2 x 3</source>
   <translation>Charts: 2 x 3</translation>
  </message>
  <message>
   <source>Charts: 3 x 3</source>
   <translation>Charts: 3 x 3</translation>
  </message>
  <message>
   <source>Not linked</source>
   <translation>Nicht gekoppelt</translation>
  </message>
  <message>
   <source>Red</source>
   <translation>Rot</translation>
  </message>
  <message>
   <source>Green</source>
   <translation>Grün</translation>
  </message>
  <message>
   <source>ok</source>
   <translation>ok</translation>
  </message>
  <message>
   <source>down</source>
   <translation>weg</translation>
  </message>
  <message>
   <source>not wanted</source>
   <translation>nicht gewünscht</translation>
  </message>
  <message>
   <source>under 2 s</source>
   <translation>unter 2 s</translation>
  </message>
  <message>
   <source>10 s</source>
   <translation>10 s</translation>
  </message>
  <message>
   <source>1 min</source>
   <translation>1 min</translation>
  </message>
  <message>
   <source>5 min</source>
   <translation>5 min</translation>
  </message>
  <message>
   <source>older</source>
   <translation>älter</translation>
  </message>
  <message>
   <source>nothing yet</source>
   <translation>noch nichts</translation>
  </message>
  <message>
   <source>Shard</source>
   <translation>Shard</translation>
  </message>
  <message>
   <source>State</source>
   <translation>Zustand</translation>
  </message>
  <message>
   <source>Lamp and word</source>
   <translation>Lampe und Wort</translation>
  </message>
  <message>
   <source>Rate</source>
   <translation>Rate</translation>
  </message>
  <message>
   <source>Frames a second</source>
   <translation>Frames pro Sekunde</translation>
  </message>
  <message>
   <source>Age</source>
   <translation>Alter</translation>
  </message>
  <message>
   <source>Since the last frame</source>
   <translation>Seit dem letzten Frame</translation>
  </message>
  <message>
   <source>Latency</source>
   <translation>Latenz</translation>
  </message>
  <message>
   <source>Exchange stamp to receipt, in the last minute: 1 ms to 1 s, and longer</source>
   <translation>Börsenstempel bis Empfang, letzte Minute: 1 ms bis 1 s und länger</translation>
  </message>
  <message>
   <source>p50</source>
   <translation>p50</translation>
  </message>
  <message>
   <source>Half of the frames came within this</source>
   <translation>Die Hälfte der Frames kam binnen dieser Zeit</translation>
  </message>
  <message>
   <source>p99</source>
   <translation>p99</translation>
  </message>
  <message>
   <source>99 of 100 frames came within this</source>
   <translation>99 von 100 Frames kamen binnen dieser Zeit</translation>
  </message>
  <message>
   <source>Reconn.</source>
   <translation>Neuverb.</translation>
  </message>
  <message>
   <source>Connections lost and found again</source>
   <translation>Verlorene und wiedergefundene Verbindungen</translation>
  </message>
  <message>
   <source>Filled</source>
   <translation>Gefüllt</translation>
  </message>
  <message>
   <source>Symbols whose gap was filled by REST</source>
   <translation>Symbole, deren Lücke per REST gefüllt wurde</translation>
  </message>
  <message>
   <source>Gaps</source>
   <translation>Lücken</translation>
  </message>
  <message>
   <source>Symbols that wait for back-fill</source>
   <translation>Symbole, die auf Auffüllung warten</translation>
  </message>
  <message>
   <source>Dropped</source>
   <translation>Verworf.</translation>
  </message>
  <message>
   <source>Frames of connections that were given up</source>
   <translation>Frames aufgegebener Verbindungen</translation>
  </message>
  <message>
   <source>Bad</source>
   <translation>Defekt</translation>
  </message>
  <message>
   <source>Frames that could not be read</source>
   <translation>Nicht lesbare Frames</translation>
  </message>
  <message>
   <source>no update yet</source>
   <translation>noch kein Update</translation>
  </message>
  <message>
   <source>{age} ago</source>
   <translation>vor {age}</translation>
  </message>
  <message>
   <source>complete</source>
   <translation>vollständig</translation>
  </message>
  <message>
   <source>a few holes</source>
   <translation>wenige Lücken</translation>
  </message>
  <message>
   <source>over 2 % missing</source>
   <translation>über 2 % fehlen</translation>
  </message>
  <message>
   <source>over 30 % missing</source>
   <translation>über 30 % fehlen</translation>
  </message>
  <message>
   <source>bars missing</source>
   <translation>fehlende Kerzen</translation>
  </message>
  <message>
   <source>bars that cannot be</source>
   <translation>unmögliche Kerzen</translation>
  </message>
  <message>
   <source>bars that stand twice</source>
   <translation>doppelte Kerzen</translation>
  </message>
  <message>
   <source>bars off the grid</source>
   <translation>Kerzen neben dem Raster</translation>
  </message>
  <message>
   <source>jumps</source>
   <translation>Sprünge</translation>
  </message>
  <message>
   <source>spikes</source>
   <translation>Ausreißer</translation>
  </message>
  <message>
   <source>bars without volume</source>
   <translation>Kerzen ohne Volumen</translation>
  </message>
  <message>
   <source>{n} bars</source>
   <translation>{n} Kerzen</translation>
  </message>
  <message>
   <source>damaged file</source>
   <translation>beschädigte Datei</translation>
  </message>
  <message>
   <source>impossible bar</source>
   <translation>unmögliche Kerze</translation>
  </message>
  <message>
   <source>note</source>
   <translation>Hinweis</translation>
  </message>
  <message>
   <source>no volume published</source>
   <translation>kein Volumen veröffentlicht</translation>
  </message>
  <message>
   <source>no holes</source>
   <translation>keine Lücken</translation>
  </message>
  <message>
   <source>{n} gaps</source>
   <translation>{n} Lücken</translation>
  </message>
  <message>
   <source>{n} series, {bars} bars, {size} on disk</source>
   <translation>{n} Reihen, {bars} Kerzen, {size} auf Platte</translation>
  </message>
  <message>
   <source>, {n} missing ({share})</source>
   <translation>, {n} fehlen ({share})</translation>
  </message>
  <message>
   <source>{from_} to {to}: {time}</source>
   <translation>{from_} bis {to}: {time}</translation>
  </message>
  <message>
   <source>gap</source>
   <translation>Lücke</translation>
  </message>
  <message>
   <source>nothing wrong</source>
   <translation>nichts zu beanstanden</translation>
  </message>
  <message>
   <source>begins {day}</source>
   <translation>beginnt {day}</translation>
  </message>
  <message>
   <source>ends {day}</source>
   <translation>endet {day}</translation>
  </message>
  <message>
   <source>{n} missing</source>
   <translation>{n} fehlen</translation>
  </message>
  <message>
   <source>quality {score} of 100</source>
   <translation>Qualität {score} von 100</translation>
  </message>
  <message>
   <source>, {n} bars missing</source>
   <translation>, {n} Kerzen fehlen</translation>
  </message>
  <message>
   <source>holes</source>
   <translation>Lücken</translation>
  </message>
  <message>
   <source>year {score}</source>
   <translation>Jahr {score}</translation>
  </message>
  <message>
   <source>Alert line</source>
   <translation>Alarmlinie</translation>
  </message>
  <message>
   <source>There are {n} drawings on this symbol already; remove some first.</source>
   <translation>Auf diesem Symbol gibt es schon {n} Zeichnungen; zuerst einige entfernen.</translation>
  </message>
  <message>
   <source>trades</source>
   <translation>Trades</translation>
  </message>
  <message>
   <source>net</source>
   <translation>netto</translation>
  </message>
  <message>
   <source>won</source>
   <translation>gewonnen</translation>
  </message>
  <message>
   <source>{n} entries on {where}</source>
   <translation>{n} Einstiege auf {where}</translation>
  </message>
  <message>
   <source> ({longs} long, {shorts} short)</source>
   <translation> ({longs} Long, {shorts} Short)</translation>
  </message>
  <message>
   <source>the newest {bars} of {all} bars, since {day}</source>
   <translation>die neuesten {bars} von {all} Kerzen, seit {day}</translation>
  </message>
  <message>
   <source>all {bars} bars since {day}</source>
   <translation>alle {bars} Kerzen seit {day}</translation>
  </message>
  <message>
   <source>"{text}" is on several markets; choose {names}.</source>
   <translation>„{text}“ gibt es auf mehreren Märkten; wählen: {names}.</translation>
  </message>
  <message>
   <source>"{text}" is not a date; write it as 2024-01-31, or leave it empty.</source>
   <translation>„{text}“ ist kein Datum; als 2024-01-31 schreiben oder leer lassen.</translation>
  </message>
  <message>
   <source>Must be at least {limit}.</source>
   <translation>Muss mindestens {limit} sein.</translation>
  </message>
  <message>
   <source>"{text}" is not a known symbol.</source>
   <translation>„{text}“ ist kein bekanntes Symbol.</translation>
  </message>
  <message>
   <source>Must be at most {limit}.</source>
   <translation>Darf höchstens {limit} sein.</translation>
  </message>
  <message>
   <source>now</source>
   <translation>neu</translation>
  </message>
  <message>
   <source>high while the engine warms up, which is normal</source>
   <translation>hoch, während die Engine aufwärmt; das ist normal</translation>
  </message>
  <message>
   <source>late or filling a gap</source>
   <translation>spät oder füllt eine Lücke</translation>
  </message>
  <message>
   <source>Signal p50</source>
   <translation>Signal p50</translation>
  </message>
  <message>
   <source>frame to signal, median</source>
   <translation>Frame bis Signal, Median</translation>
  </message>
  <message>
   <source>Signal p99</source>
   <translation>Signal p99</translation>
  </message>
  <message>
   <source>frame to signal, 99 of 100</source>
   <translation>Frame bis Signal, 99 von 100</translation>
  </message>
  <message>
   <source>Sweep</source>
   <translation>Durchlauf</translation>
  </message>
  <message>
   <source>one pass over all lanes</source>
   <translation>einmal über alle Bahnen</translation>
  </message>
  <message>
   <source>Loop lag</source>
   <translation>Loop-Verzug</translation>
  </message>
  <message>
   <source>how late the engine's loop runs</source>
   <translation>wie spät die Schleife der Engine läuft</translation>
  </message>
  <message>
   <source>GC pause</source>
   <translation>GC-Pause</translation>
  </message>
  <message>
   <source>longest of the last minute</source>
   <translation>längste der letzten Minute</translation>
  </message>
  <message>
   <source>never</source>
   <translation>nie</translation>
  </message>
  <message>
   <source>connection closed</source>
   <translation>Verbindung geschlossen</translation>
  </message>
  <message>
   <source>Connected · 1 shard</source>
   <translation>Verbunden · 1 Shard</translation>
  </message>
  <message>
   <source>Connected · {n} shards</source>
   <translation>Verbunden · {n} Shards</translation>
  </message>
  <message>
   <source>Queue {name}</source>
   <translation>Queue {name}</translation>
  </message>
  <message>
   <source>no shards</source>
   <translation>keine Shards</translation>
  </message>
  <message>
   <source>Offline: no exchange can be reached</source>
   <translation>Offline: keine Börse erreichbar</translation>
  </message>
  <message>
   <source>Connected · no shard wanted</source>
   <translation>Verbunden · kein Shard gewünscht</translation>
  </message>
  <message>
   <source>CPU engine</source>
   <translation>CPU Engine</translation>
  </message>
  <message>
   <source>of both cores together</source>
   <translation>beider Kerne zusammen</translation>
  </message>
  <message>
   <source>Memory</source>
   <translation>Speicher</translation>
  </message>
  <message>
   <source>resident, of 2 GB</source>
   <translation>belegt, von 2 GB</translation>
  </message>
  <message>
   <source>{n} symbols, {rate} frames/s, last frame {seen}</source>
   <translation>{n} Symbole, {rate} Frames/s, letzter Frame {seen}</translation>
  </message>
  <message>
   <source>{n} reconnects, {gaps} gaps open, {bad} malformed frames</source>
   <translation>{n} Neuverbindungen, {gaps} Lücken offen, {bad} defekte Frames</translation>
  </message>
  <message>
   <source>used / bound</source>
   <translation>belegt / Grenze</translation>
  </message>
  <message>
   <source>request weight this minute</source>
   <translation>Request-Gewicht dieser Minute</translation>
  </message>
  <message>
   <source>Window frame</source>
   <translation>Fensterbild</translation>
  </message>
  <message>
   <source>longest refresh of the last second</source>
   <translation>längstes Neuzeichnen der letzten Sekunde</translation>
  </message>
  <message>
   <source>{n} sym</source>
   <translation>{n} Sym</translation>
  </message>
  <message>
   <source>No pulse for {time}</source>
   <translation>Kein Puls seit {time}</translation>
  </message>
  <message>
   <source>{n} of {all} shards down</source>
   <translation>{n} von {all} Shards weg</translation>
  </message>
  <message>
   <source>Connecting {n} of {all} shards</source>
   <translation>{n} von {all} Shards verbinden sich</translation>
  </message>
  <message>
   <source>{n} of {all} shards late</source>
   <translation>{n} von {all} Shards spät</translation>
  </message>
  <message>
   <source>{n} symbols, {rate} frames/s</source>
   <translation>{n} Symbole, {rate} Frames/s</translation>
  </message>
  <message>
   <source> · {n} dropped</source>
   <translation> · {n} verworfen</translation>
  </message>
  <message>
   <source>waiting</source>
   <translation>wartet</translation>
  </message>
  <message>
   <source>done</source>
   <translation>fertig</translation>
  </message>
  <message>
   <source>Portfolio</source>
   <translation>Portfolio</translation>
  </message>
  <message>
   <source>Matrix</source>
   <translation>Matrix</translation>
  </message>
  <message>
   <source>Monte Carlo</source>
   <translation>Monte Carlo</translation>
  </message>
  <message>
   <source>Repair</source>
   <translation>Reparatur</translation>
  </message>
  <message>
   <source>fetching history</source>
   <translation>holt Historie</translation>
  </message>
  <message>
   <source>loading candles</source>
   <translation>lädt Kerzen</translation>
  </message>
  <message>
   <source>computing</source>
   <translation>rechnet</translation>
  </message>
  <message>
   <source>walking</source>
   <translation>rechnet Fenster</translation>
  </message>
  <message>
   <source>Job</source>
   <translation>Auftrag</translation>
  </message>
  <message>
   <source>Progress</source>
   <translation>Fortschritt</translation>
  </message>
  <message>
   <source>Left</source>
   <translation>Rest</translation>
  </message>
  <message>
   <source>Took</source>
   <translation>Dauer</translation>
  </message>
  <message>
   <source>What it does</source>
   <translation>Was er tut</translation>
  </message>
  <message>
   <source>No jobs yet. Back-tests, walk-forwards, downloads and comparisons appear here while they run.</source>
   <translation>Noch keine Aufträge. Backtests, Walk-forwards, Downloads und Vergleiche erscheinen hier, während sie laufen.</translation>
  </message>
  <message>
   <source>None of {n} jobs has “{text}” in its name.</source>
   <translation>Keiner von {n} Aufträgen hat „{text}“ im Namen.</translation>
  </message>
  <message>
   <source>The engine was lost.</source>
   <translation>Die Engine ging verloren.</translation>
  </message>
  <message>
   <source>the name, by which it is known</source>
   <translation>der Name, unter dem sie bekannt ist</translation>
  </message>
  <message>
   <source>what lists show</source>
   <translation>was Listen zeigen</translation>
  </message>
  <message>
   <source>under which it stands in lists</source>
   <translation>worunter sie in Listen steht</translation>
  </message>
  <message>
   <source>why it should work, in a sentence</source>
   <translation>warum es klappen sollte, in einem Satz</translation>
  </message>
  <message>
   <source>where it comes from</source>
   <translation>woher sie kommt</translation>
  </message>
  <message>
   <source>on which bars it runs unless told otherwise</source>
   <translation>auf welchen Kerzen sie läuft, wenn nicht anders gesagt</translation>
  </message>
  <message>
   <source>long, short or both</source>
   <translation>Long, Short oder beide</translation>
  </message>
  <message>
   <source>a number with a name, and the values that an optimiser tries</source>
   <translation>eine Zahl mit Namen und die Werte, die ein Optimierer probiert</translation>
  </message>
  <message>
   <source>a parameter of this strategy</source>
   <translation>ein Parameter dieser Strategie</translation>
  </message>
  <message>
   <source>None of {n} lines passes the filter ({what}).</source>
   <translation>Keine von {n} Zeilen passiert den Filter ({what}).</translation>
  </message>
  <message>
   <source>Nothing logged yet.</source>
   <translation>Noch nichts im Log.</translation>
  </message>
  <message>
   <source>level {level} or above</source>
   <translation>ab Stufe {level}</translation>
  </message>
  <message>
   <source>source {source}</source>
   <translation>Quelle {source}</translation>
  </message>
  <message>
   <source>text “{text}”</source>
   <translation>Text „{text}“</translation>
  </message>
  <message>
   <source>Bar</source>
   <translation>Kerze</translation>
  </message>
  <message>
   <source>Signal</source>
   <translation>Signal</translation>
  </message>
  <message>
   <source>Price</source>
   <translation>Kurs</translation>
  </message>
  <message>
   <source>not in the journal</source>
   <translation>nicht im Journal</translation>
  </message>
  <message>
   <source>not in the back-test</source>
   <translation>nicht im Backtest</translation>
  </message>
  <message>
   <source>other price</source>
   <translation>anderer Kurs</translation>
  </message>
  <message>
   <source>none known</source>
   <translation>keiner bekannt</translation>
  </message>
  <message>
   <source>memory was filling</source>
   <translation>Speicher füllte sich noch</translation>
  </message>
  <message>
   <source>bar restated by the venue</source>
   <translation>Kerze von der Börse korrigiert</translation>
  </message>
  <message>
   <source>before it was warm</source>
   <translation>vor dem Aufwärmen</translation>
  </message>
  <message>
   <source>engine stopped</source>
   <translation>Engine stand</translation>
  </message>
  <message>
   <source>Nothing compared yet</source>
   <translation>Noch nichts verglichen</translation>
  </message>
  <message>
   <source>Nothing to compare: the journal has no signals of this day that the candles reach</source>
   <translation>Nichts zu vergleichen: Das Journal hat keine Signale dieses Tages, die die Kerzen erreichen</translation>
  </message>
  <message>
   <source>{n} signals compared, {k} differ</source>
   <translation>{n} Signale verglichen, {k} weichen ab</translation>
  </message>
  <message>
   <source>{n} whose memory reaches back beyond the kept candles</source>
   <translation>{n}, deren Gedächtnis vor die gespeicherten Kerzen reicht</translation>
  </message>
  <message>
   <source>{n} of other versions than are live now</source>
   <translation>{n} anderer Versionen, als jetzt live sind</translation>
  </message>
  <message>
   <source>{day} up to {end} UTC: {symbols} symbols, {strategies} strategies on {timeframes}, in {took}</source>
   <translation>{day} bis {end} UTC: {symbols} Symbole, {strategies} Strategien auf {timeframes}, in {took}</translation>
  </message>
  <message>
   <source>{n} while the symbol was not live</source>
   <translation>{n}, während das Symbol nicht live war</translation>
  </message>
  <message>
   <source>Differ with a known reason: {reasons}</source>
   <translation>Abweichend mit bekanntem Grund: {reasons}</translation>
  </message>
  <message>
   <source>Not compared: {parts}</source>
   <translation>Nicht verglichen: {parts}</translation>
  </message>
  <message>
   <source>{n} symbols have candles of this day and no signals</source>
   <translation>{n} Symbole haben Kerzen dieses Tages und keine Signale</translation>
  </message>
  <message>
   <source>Max</source>
   <translation>Max</translation>
  </message>
  <message>
   <source>As fast as the engine computes it</source>
   <translation>So schnell die Engine rechnet</translation>
  </message>
  <message>
   <source>A bar of {timeframe} every {seconds}</source>
   <translation>Eine {timeframe}-Kerze alle {seconds}</translation>
  </message>
  <message>
   <source>Replay, {when}: {side} {name} {timeframe}, {strategy} at {price}</source>
   <translation>Replay, {when}: {side} {name} {timeframe}, {strategy} bei {price}</translation>
  </message>
  <message>
   <source>warming the engine with what came before</source>
   <translation>Engine wird mit dem Vorlauf aufgewärmt</translation>
  </message>
  <message>
   <source>paused</source>
   <translation>angehalten</translation>
  </message>
  <message>
   <source>at the end: no newer candle is kept</source>
   <translation>am Ende: keine neuere Kerze gespeichert</translation>
  </message>
  <message>
   <source>{signals} signals, {alerts} alerts</source>
   <translation>{signals} Signale, {alerts} Alarme</translation>
  </message>
  <message>
   <source>{n} bars of {timeframe} a second</source>
   <translation>{n} {timeframe}-Kerzen pro Sekunde</translation>
  </message>
  <message>
   <source>Write a date such as 2023-11-14 or 2023-11-14 22:00 (UTC)</source>
   <translation>Ein Datum eingeben, etwa 2023-11-14 oder 2023-11-14 22:00 (UTC)</translation>
  </message>
  <message>
   <source>{text}, and {n} more of this rule</source>
   <translation>{text} und {n} weitere dieser Regel</translation>
  </message>
  <message>
   <source>{rate} bars a second</source>
   <translation>{rate} Kerzen pro Sekunde</translation>
  </message>
  <message>
   <source>Net</source>
   <translation>Netto</translation>
  </message>
  <message>
   <source>PF</source>
   <translation>PF</translation>
  </message>
  <message>
   <source>Inputs that differ</source>
   <translation>Abweichende Eingaben</translation>
  </message>
  <message>
   <source>Assumed of some only</source>
   <translation>Nur bei einigen angenommen</translation>
  </message>
  <message>
   <source>begin</source>
   <translation>Beginn</translation>
  </message>
  <message>
   <source>end</source>
   <translation>Ende</translation>
  </message>
  <message>
   <source>RSI oversold on volume</source>
   <translation>RSI überverkauft mit Volumen</translation>
  </message>
  <message>
   <source>RSI overbought</source>
   <translation>RSI überkauft</translation>
  </message>
  <message>
   <source>New 50-bar high</source>
   <translation>Neues Hoch aus 50 Kerzen</translation>
  </message>
  <message>
   <source>Above a rising EMA 50</source>
   <translation>Über steigender EMA 50</translation>
  </message>
  <message>
   <source>Bollinger squeeze</source>
   <translation>Bollinger-Squeeze</translation>
  </message>
  <message>
   <source>The engine is looking through all symbols.</source>
   <translation>Die Engine geht alle Symbole durch.</translation>
  </message>
  <message>
   <source>1 matches</source>
   <translation>1 passt</translation>
  </message>
  <message>
   <source>{n} match</source>
   <translation>{n} passen</translation>
  </message>
  <message>
   <source>The filter before it stays in force.</source>
   <translation>Der vorige Filter bleibt in Kraft.</translation>
  </message>
  <message>
   <source>{n} still loading history</source>
   <translation>{n} laden noch Historie</translation>
  </message>
  <message>
   <source>{n} strategies</source>
   <translation>{n} Strategien</translation>
  </message>
  <message>
   <source>Mkt</source>
   <translation>Mkt</translation>
  </message>
  <message>
   <source>Str</source>
   <translation>Stä</translation>
  </message>
  <message>
   <source>Since</source>
   <translation>Seit</translation>
  </message>
  <message>
   <source>confirmed</source>
   <translation>bestätigt</translation>
  </message>
  <message>
   <source>withdrawn</source>
   <translation>zurückgezogen</translation>
  </message>
  <message>
   <source>held to close</source>
   <translation>hielt bis Schluss</translation>
  </message>
  <message>
   <source>revised</source>
   <translation>revidiert</translation>
  </message>
  <message>
   <source>quiet</source>
   <translation>still</translation>
  </message>
  <message>
   <source>No signals yet. They appear here the moment a strategy's condition turns true.</source>
   <translation>Noch keine Signale. Sie erscheinen hier, sobald die Bedingung einer Strategie wahr wird.</translation>
  </message>
  <message>
   <source>None of {n} signals passes the filter.</source>
   <translation>Keins von {n} Signalen passiert den Filter.</translation>
  </message>
  <message>
   <source>Strategy {strategy} ({params}), version {version}</source>
   <translation>Strategie {strategy} ({params}), Version {version}</translation>
  </message>
  <message>
   <source>Bar {time} UTC, price {price}, strength {strength}</source>
   <translation>Kerze {time} UTC, Kurs {price}, Stärke {strength}</translation>
  </message>
  <message>
   <source>Engine time {time} from frame to signal; journal number {n}</source>
   <translation>Engine-Zeit {time} vom Frame zum Signal; Journalnummer {n}</translation>
  </message>
  <message>
   <source>You have no strategies of your own and no promoted sets; {n} signals of others.</source>
   <translation>Keine eigenen Strategien und keine live geschalteten Sätze; {n} Signale anderer.</translation>
  </message>
  <message>
   <source>no parameters</source>
   <translation>keine Parameter</translation>
  </message>
  <message>
   <source>Candles: the last bars of a symbol</source>
   <translation>Kerzen: die letzten eines Symbols</translation>
  </message>
  <message>
   <source>Candles: how much there is of each series</source>
   <translation>Kerzen: wie viel es von jeder Reihe gibt</translation>
  </message>
  <message>
   <source>Candles: the ten wildest days</source>
   <translation>Kerzen: die zehn wildesten Tage</translation>
  </message>
  <message>
   <source>Signals: how many by strategy</source>
   <translation>Signale: wie viele je Strategie</translation>
  </message>
  <message>
   <source>Runs: the best by Sharpe</source>
   <translation>Läufe: die besten nach Sharpe</translation>
  </message>
  <message>
   <source>Trades: profit by way out</source>
   <translation>Trades: Gewinn nach Ausstieg</translation>
  </message>
  <message>
   <source>Trades: the largest losses, to look at on the chart</source>
   <translation>Trades: die größten Verluste, zum Ansehen im Chart</translation>
  </message>
  <message>
   <source>Equity: the worst drawdown of each run</source>
   <translation>Equity: der größte Drawdown jedes Laufs</translation>
  </message>
  <message>
   <source>Metrics: all figures of the last run</source>
   <translation>Kennzahlen: alle des letzten Laufs</translation>
  </message>
  <message>
   <source>Walk-forwards: what was judged</source>
   <translation>Walk-forwards: was beurteilt wurde</translation>
  </message>
  <message>
   <source>Promotions: what went live</source>
   <translation>Live-Schaltungen: was live ging</translation>
  </message>
  <message>
   <source>The look-ahead detector found that nothing it says depends on later bars.</source>
   <translation>Der Look-ahead-Detektor fand: Nichts, was sie sagt, hängt von späteren Kerzen ab.</translation>
  </message>
  <message>
   <source>The look-ahead detector found that it knows later bars.</source>
   <translation>Der Look-ahead-Detektor fand: Sie kennt spätere Kerzen.</translation>
  </message>
  <message>
   <source>It gave no signal on the detector's bars, so nothing is known of it.</source>
   <translation>Sie gab auf den Kerzen des Detektors kein Signal; also ist nichts über sie bekannt.</translation>
  </message>
  <message>
   <source>The look-ahead detector has not looked at it yet.</source>
   <translation>Der Look-ahead-Detektor hat sie noch nicht geprüft.</translation>
  </message>
  <message>
   <source>clean</source>
   <translation>sauber</translation>
  </message>
  <message>
   <source>leaks</source>
   <translation>undicht</translation>
  </message>
  <message>
   <source>silent</source>
   <translation>stumm</translation>
  </message>
  <message>
   <source>unchecked</source>
   <translation>ungeprüft</translation>
  </message>
  <message>
   <source>{hits} of {n} moved its way, {move} on average</source>
   <translation>{hits} von {n} liefen in ihre Richtung, {move} im Mittel</translation>
  </message>
  <message>
   <source>Live with its defaults on {n} symbols; a promoted set stands in their place on {m}.</source>
   <translation>Mit Standardwerten auf {n} Symbolen live; auf {m} steht ein live geschalteter Satz an ihrer Stelle.</translation>
  </message>
  <message>
   <source>{n} confirmed entries on {m} symbols since {moment} UTC; the newest on {symbol}.</source>
   <translation>{n} bestätigte Einstiege auf {m} Symbolen seit {moment} UTC; der neueste auf {symbol}.</translation>
  </message>
  <message>
   <source>Of {n} signals whose next {bars} bars are known: mean move in their direction {move}, before costs.</source>
   <translation>Von {n} Signalen mit bekannten nächsten {bars} Kerzen: mittlere Bewegung in ihre Richtung {move}, vor Kosten.</translation>
  </message>
  <message>
   <source>Version</source>
   <translation>Version</translation>
  </message>
  <message>
   <source>rule</source>
   <translation>Regel</translation>
  </message>
  <message>
   <source>Outcome so far</source>
   <translation>Ergebnis bisher</translation>
  </message>
  <message>
   <source>All verdicts</source>
   <translation>Alle Urteile</translation>
  </message>
  <message>
   <source>Passed</source>
   <translation>Bestanden</translation>
  </message>
  <message>
   <source>Passed or doubtful</source>
   <translation>Bestanden/fraglich</translation>
  </message>
  <message>
   <source>Not passed</source>
   <translation>Nicht bestanden</translation>
  </message>
  <message>
   <source>Unclear or error</source>
   <translation>Unklar oder Fehler</translation>
  </message>
  <message>
   <source>Doubtful</source>
   <translation>Fraglich</translation>
  </message>
  <message>
   <source>Unclear</source>
   <translation>Unklar</translation>
  </message>
  <message>
   <source>Error</source>
   <translation>Fehler</translation>
  </message>
  <message>
   <source>To be judged</source>
   <translation>Noch zu beurteilen</translation>
  </message>
  <message>
   <source>Click: its windows, parameters and verdict</source>
   <translation>Klick: Fenster, Parameter und Urteil</translation>
  </message>
  <message>
   <source>Timeframe of its decisions</source>
   <translation>Zeitrahmen ihrer Entscheidungen</translation>
  </message>
  <message>
   <source>Net return of the stitched test parts, after all costs</source>
   <translation>Nettorendite der aneinandergereihten Testteile, nach allen Kosten</translation>
  </message>
  <message>
   <source>Annual Sharpe out of sample</source>
   <translation>Jährliche Sharpe Out-of-Sample</translation>
  </message>
  <message>
   <source>Largest fall from a peak, by day, out of sample</source>
   <translation>Größter Rückgang vom Hoch, auf Tagesbasis, Out-of-Sample</translation>
  </message>
  <message>
   <source>Out of sample</source>
   <translation>Out-of-Sample</translation>
  </message>
  <message>
   <source>Up</source>
   <translation>Plus</translation>
  </message>
  <message>
   <source>Share of the windows that made a profit</source>
   <translation>Anteil der Fenster mit Gewinn</translation>
  </message>
  <message>
   <source>Eff.</source>
   <translation>Eff.</translation>
  </message>
  <message>
   <source>Efficiency: what it earned out of sample of what it earned while parameters were chosen</source>
   <translation>Effizienz: Ertrag Out-of-Sample im Verhältnis zum Ertrag bei der Parameterwahl</translation>
  </message>
  <message>
   <source>DSR</source>
   <translation>DSR</translation>
  </message>
  <message>
   <source>Deflated Sharpe: chance that the true Sharpe beats the luckiest of all tries</source>
   <translation>Deflated Sharpe: Chance, dass die wahre Sharpe den glücklichsten aller Versuche schlägt</translation>
  </message>
  <message>
   <source>PBO</source>
   <translation>PBO</translation>
  </message>
  <message>
   <source>Probability of overfitting: how often the best set of one half is below median in the other</source>
   <translation>Wahrscheinlichkeit von Overfitting: wie oft der beste Satz der einen Hälfte in der anderen unter dem Median liegt</translation>
  </message>
  <message>
   <source>Luck</source>
   <translation>Zufall</translation>
  </message>
  <message>
   <source>Chance that the best of all tries looks this good without any skill</source>
   <translation>Chance, dass der beste aller Versuche ohne jedes Können so gut aussieht</translation>
  </message>
  <message>
   <source>Verdict</source>
   <translation>Urteil</translation>
  </message>
  <message>
   <source>By the limits of the verdict card</source>
   <translation>Nach den Grenzen der Urteilskarte</translation>
  </message>
  <message>
   <source>all strategies</source>
   <translation>alle Strategien</translation>
  </message>
  <message>
   <source>Train / test</source>
   <translation>Train / Test</translation>
  </message>
  <message>
   <source>Best</source>
   <translation>Beste</translation>
  </message>
  <message>
   <source>None of {n} strategies fits the filter.</source>
   <translation>Keine von {n} Strategien passt zum Filter.</translation>
  </message>
  <message>
   <source>{train} / {test} {kind}</source>
   <translation>{train} / {test} {kind}</translation>
  </message>
  <message>
   <source>{n} windows {kind}</source>
   <translation>{n} Fenster {kind}</translation>
  </message>
  <message>
   <source>{n} passed</source>
   <translation>{n} bestanden</translation>
  </message>
  <message>
   <source>{n} windows</source>
   <translation>{n} Fenster</translation>
  </message>
  <message>
   <source>own</source>
   <translation>eigener</translation>
  </message>
  <message>
   <source>stopped</source>
   <translation>angehalten</translation>
  </message>
  <message>
   <source>anchored</source>
   <translation>verankert</translation>
  </message>
  <message>
   <source>{n} doubtful</source>
   <translation>{n} fraglich</translation>
  </message>
  <message>
   <source>{n} not passed</source>
   <translation>{n} nicht bestanden</translation>
  </message>
  <message>
   <source>{n} unclear</source>
   <translation>{n} unklar</translation>
  </message>
  <message>
   <source>{n} errors</source>
   <translation>{n} Fehler</translation>
  </message>
  <message>
   <source>#</source>
   <translation>#</translation>
  </message>
  <message>
   <source>Test from</source>
   <translation>Test ab</translation>
  </message>
  <message>
   <source>Chosen</source>
   <translation>Gewählt</translation>
  </message>
  <message>
   <source>Sharpe in</source>
   <translation>Sharpe in</translation>
  </message>
  <message>
   <source>Sharpe out</source>
   <translation>Sharpe out</translation>
  </message>
  <message>
   <source>Return in</source>
   <translation>Rendite in</translation>
  </message>
  <message>
   <source>Return out</source>
   <translation>Rendite out</translation>
  </message>
  <message>
   <source>DD out</source>
   <translation>DD out</translation>
  </message>
  <message>
   <source>Note</source>
   <translation>Hinweis</translation>
  </message>
  <message>
   <source>none fit: stayed in cash</source>
   <translation>keiner passte: blieb in Cash</translation>
  </message>
  <message>
   <source>held</source>
   <translation>angehalten</translation>
  </message>
  <message>
   <source>Train {train}: {chosen}, objective {value}
Test {test}</source>
   <translation>Train {train}: {chosen}, Zielwert {value}
Test {test}</translation>
  </message>
  <message>
   <source>Nothing could be drawn.</source>
   <translation>Nichts konnte gezogen werden.</translation>
  </message>
  <message>
   <source>{n} paths: the end is between {a} and {b} of the start in {share} of them, {half} in the middle.</source>
   <translation>{n} Pfade: Das Ende liegt bei {share} davon zwischen {a} und {b} des Starts, {half} in der Mitte.</translation>
  </message>
  <message>
   <source>{share} of them lose money. What happened ended better than {rank} of them.</source>
   <translation>{share} davon verlieren Geld. Was geschah, endete besser als {rank} davon.</translation>
  </message>
  <message>
   <source>Largest drawdown: {a} in the middle, {b} in the worst {share}.</source>
   <translation>Größter Drawdown: {a} in der Mitte, {b} in den schlechtesten {share}.</translation>
  </message>
  <message>
   <source>defaults</source>
   <translation>Standard</translation>
  </message>
  <message>
   <source>by hand</source>
   <translation>von Hand</translation>
  </message>
  <message>
   <source>until {when}</source>
   <translation>bis {when}</translation>
  </message>
  <message>
   <source>Calmar</source>
   <translation>Calmar</translation>
  </message>
  <message>
   <source>Return / drawdown</source>
   <translation>Rendite / Drawdown</translation>
  </message>
  <message>
   <source>Net return</source>
   <translation>Nettorendite</translation>
  </message>
  <message>
   <source>Choose what train parts maximise, or write a formula.</source>
   <translation>Wählen, was Train-Teile maximieren, oder eine Formel schreiben.</translation>
  </message>
  <message>
   <source>Write a length, as 12mo, 90d, 26w or 5000bars.</source>
   <translation>Eine Länge schreiben, etwa 12mo, 90d, 26w oder 5000bars.</translation>
  </message>
  <message>
   <source>"{text}" is not a timeframe.</source>
   <translation>„{text}“ ist kein Zeitrahmen.</translation>
  </message>
  <message>
   <source>There is no family "{family}".</source>
   <translation>Die Familie „{family}“ gibt es nicht.</translation>
  </message>
  <message>
   <source>List</source>
   <translation>Liste</translation>
  </message>
  <message>
   <source>A list needs a name of at most {n} letters.</source>
   <translation>Eine Liste braucht einen Namen von höchstens {n} Buchstaben.</translation>
  </message>
  <message>
   <source>There is a list "{name}" already.</source>
   <translation>Die Liste „{name}“ gibt es schon.</translation>
  </message>
  <message>
   <source>Chg %</source>
   <translation>Änd %</translation>
  </message>
  <message>
   <source>Vol</source>
   <translation>Vol</translation>
  </message>
  <message>
   <source>Trend</source>
   <translation>Trend</translation>
  </message>
  <message>
   <source>No symbols yet: waiting for the engine's list.</source>
   <translation>Noch keine Symbole: Warten auf die Liste der Engine.</translation>
  </message>
  <message>
   <source>No starred symbol here. Press S on a row to star it.</source>
   <translation>Hier kein Symbol mit Stern. S auf einer Zeile setzt ihn.</translation>
  </message>
  <message>
   <source>No symbol has had a signal in the last 30 minutes.</source>
   <translation>Kein Symbol hatte in den letzten 30 Minuten ein Signal.</translation>
  </message>
  <message>
   <source>The filters together leave nothing: {what}.</source>
   <translation>Die Filter zusammen lassen nichts übrig: {what}.</translation>
  </message>
  <message>
   <source>None of the list "{name}" is here.</source>
   <translation>Nichts aus der Liste „{name}“ ist hier.</translation>
  </message>
  <message>
   <source>No symbol here meets the filter now: {scan}</source>
   <translation>Kein Symbol erfüllt jetzt den Filter: {scan}</translation>
  </message>
  <message>
   <source>No symbols in this market.</source>
   <translation>Keine Symbole in diesem Markt.</translation>
  </message>
  <message>
   <source>The list "{name}" is empty. Drag rows onto its name.</source>
   <translation>Die Liste „{name}“ ist leer. Zeilen auf ihren Namen ziehen.</translation>
  </message>
  <message>
   <source>starred</source>
   <translation>mit Stern</translation>
  </message>
  <message>
   <source>with a signal</source>
   <translation>mit Signal</translation>
  </message>
  <message>
   <source>Nothing matches "{text}".</source>
   <translation>Nichts passt zu „{text}“.</translation>
  </message>
  <message>
   <source>{n} symbols do not have enough history yet.</source>
   <translation>{n} Symbole haben noch nicht genug Historie.</translation>
  </message>
  <message>
   <source>Max drawdown</source>
   <translation>Max. Drawdown</translation>
  </message>
  <message>
   <source>{side} entry</source>
   <translation>Einstieg {side}</translation>
  </message>
  <message>
   <source>Fired</source>
   <translation>Ausgelöst</translation>
  </message>
  <message>
   <source>Nearly</source>
   <translation>Beinahe</translation>
  </message>
  <message>
   <source>fired</source>
   <translation>ausgelöst</translation>
  </message>
  <message>
   <source>warming</source>
   <translation>wärmt auf</translation>
  </message>
  <message>
   <source>held before</source>
   <translation>hielt schon</translation>
  </message>
  <message>
   <source>its condition turned true</source>
   <translation>ihre Bedingung wurde wahr</translation>
  </message>
  <message>
   <source>its condition held on the bar before already</source>
   <translation>ihre Bedingung galt schon auf der Kerze davor</translation>
  </message>
  <message>
   <source>{n}/{m} missing</source>
   <translation>{n}/{m} fehlen</translation>
  </message>
  <message>
   <source> · {x} bar moves away</source>
   <translation> · {x} Kerzenbewegungen weit</translation>
  </message>
  <message>
   <source>1/{n} missing</source>
   <translation>1/{n} fehlt</translation>
  </message>
  <message>
   <source>Return of the windows</source>
   <translation>Rendite der Fenster</translation>
  </message>
  <message>
   <source>There is no window.</source>
   <translation>Es gibt kein Fenster.</translation>
  </message>
  <message>
   <source>Return in test</source>
   <translation>Rendite im Test</translation>
  </message>
  <message>
   <source>The chosen set in train, in as long a time</source>
   <translation>Der gewählte Satz im Train, in gleich langer Zeit</translation>
  </message>
  <message>
   <source>Window {n}</source>
   <translation>Fenster {n}</translation>
  </message>
  <message>
   <source>Test {x}</source>
   <translation>Test {x}</translation>
  </message>
  <message>
   <source>Train {x} in as long a time</source>
   <translation>Train {x} in gleich langer Zeit</translation>
  </message>
  <message>
   <source>Windows</source>
   <translation>Fenster</translation>
  </message>
  <message>
   <source>Promote …</source>
   <translation>Live schalten …</translation>
  </message>
  <message>
   <source>Make the newest window's parameters live on this symbol</source>
   <translation>Parameter des neuesten Fensters auf diesem Symbol live schalten</translation>
  </message>
  <message>
   <source>Click a strategy of the ranking: its verdict, equity, windows and parameters stand here.</source>
   <translation>Eine Strategie der Rangliste anklicken: Urteil, Equity, Fenster und Parameter stehen dann hier.</translation>
  </message>
  <message>
   <source>Promote</source>
   <translation>Live schalten</translation>
  </message>
  <message>
   <source>From now on {name} gives its live signals on {symbol} {tf} with {params}, what its newest window chose. No orders are placed, and it can be rolled back.</source>
   <translation>Ab jetzt gibt {name} die Live-Signale auf {symbol} {tf} mit {params}, der Wahl des neuesten Fensters. Es werden keine Orders aufgegeben, und es lässt sich zurückrollen.</translation>
  </message>
  <message>
   <source>It did not pass: {words}</source>
   <translation>Nicht bestanden: {words}</translation>
  </message>
  <message>
   <source>Equity out of sample</source>
   <translation>Equity Out-of-Sample</translation>
  </message>
  <message>
   <source>There is no day out of sample.</source>
   <translation>Es gibt keinen Tag Out-of-Sample.</translation>
  </message>
  <message>
   <source>Buy and hold</source>
   <translation>Buy and hold</translation>
  </message>
  <message>
   <source>days</source>
   <translation>Tage</translation>
  </message>
  <message>
   <source>There is nothing to draw.</source>
   <translation>Es gibt nichts zu zeichnen.</translation>
  </message>
  <message>
   <source>What happened</source>
   <translation>Was geschah</translation>
  </message>
  <message>
   <source>Middle</source>
   <translation>Mitte</translation>
  </message>
  <message>
   <source>{low} to {high} of the paths</source>
   <translation>{low} bis {high} der Pfade</translation>
  </message>
  <message>
   <source>What happened {x}×</source>
   <translation>Was geschah {x}×</translation>
  </message>
  <message>
   <source>MARKET:NAME, or NAME where only one market has it</source>
   <translation>MARKT:NAME, oder NAME, wo nur ein Markt ihn hat</translation>
  </message>
  <message>
   <source>All, a family, or one; several ids with commas</source>
   <translation>Alle, eine Familie oder eine; mehrere IDs mit Komma</translation>
  </message>
  <message>
   <source>Of the decisions; own: each strategy's own</source>
   <translation>Der Entscheidungen; eigener: der jeder Strategie</translation>
  </message>
  <message>
   <source>Train</source>
   <translation>Train</translation>
  </message>
  <message>
   <source>Length of a train part: 12mo, 90d, 26w, 5000bars</source>
   <translation>Länge eines Train-Teils: 12mo, 90d, 26w, 5000bars</translation>
  </message>
  <message>
   <source>Test</source>
   <translation>Test</translation>
  </message>
  <message>
   <source>Length of a test part; the next window begins where it ends</source>
   <translation>Länge eines Testteils; das nächste Fenster beginnt, wo er endet</translation>
  </message>
  <message>
   <source>Rolling: train parts of one length. Anchored: all begin at the start</source>
   <translation>Rollierend: Train-Teile einer Länge. Verankert: alle beginnen am Anfang</translation>
  </message>
  <message>
   <source>Maximise</source>
   <translation>Ziel</translation>
  </message>
  <message>
   <source>What train parts maximise: a figure, or a formula as sharpe * sqrt(trades)</source>
   <translation>Was Train-Teile maximieren: eine Kennzahl oder eine Formel wie sharpe * sqrt(trades)</translation>
  </message>
  <message>
   <source>Purge</source>
   <translation>Purge</translation>
  </message>
  <message>
   <source>Left out at the end of each train part, next to its test; shortens train only</source>
   <translation>Am Ende jedes Train-Teils vor seinem Test weggelassen; kürzt nur Train</translation>
  </message>
  <message>
   <source>Embargo</source>
   <translation>Embargo</translation>
  </message>
  <message>
   <source>Left out at the start of train parts that follow a test</source>
   <translation>Am Anfang von Train-Teilen nach einem Test weggelassen</translation>
  </message>
  <message>
   <source>Cut</source>
   <translation>Teilung</translation>
  </message>
  <message>
   <source>By lengths, or into so many windows</source>
   <translation>Nach Längen oder in so viele Fenster</translation>
  </message>
  <message>
   <source>Number</source>
   <translation>Anzahl</translation>
  </message>
  <message>
   <source>Windows over the whole range</source>
   <translation>Fenster über den ganzen Zeitraum</translation>
  </message>
  <message>
   <source>Test %</source>
   <translation>Test %</translation>
  </message>
  <message>
   <source>Share of a window that is test</source>
   <translation>Anteil eines Fensters, der Test ist</translation>
  </message>
  <message>
   <source>Choose</source>
   <translation>Wahl</translation>
  </message>
  <message>
   <source>The best set, or the best neighbourhood of sets</source>
   <translation>Der beste Satz oder die beste Nachbarschaft von Sätzen</translation>
  </message>
  <message>
   <source>Search</source>
   <translation>Suche</translation>
  </message>
  <message>
   <source>All sets of the grids, some at random, or a guided search</source>
   <translation>Alle Sätze der Gitter, einige zufällige oder eine geführte Suche</translation>
  </message>
  <message>
   <source>Samples</source>
   <translation>Stichpr.</translation>
  </message>
  <message>
   <source>Of a random or guided search</source>
   <translation>Einer zufälligen oder geführten Suche</translation>
  </message>
  <message>
   <source>Most sets</source>
   <translation>Max. Sätze</translation>
  </message>
  <message>
   <source>Of a grid, spread evenly over it; empty: all</source>
   <translation>Eines Gitters, gleichmäßig verteilt; leer: alle</translation>
  </message>
  <message>
   <source>Min. trades</source>
   <translation>Min. Trades</translation>
  </message>
  <message>
   <source>Fewer in a train part and a set is not chosen there</source>
   <translation>Bei weniger in einem Train-Teil wird ein Satz dort nicht gewählt</translation>
  </message>
  <message>
   <source>Per fill, against the trader, in basis points</source>
   <translation>Je Ausführung, zulasten des Händlers, in Basispunkten</translation>
  </message>
  <message>
   <source>Quantities are rounded to the lot, as in a single back-test: takes much longer</source>
   <translation>Mengen werden wie im einzelnen Backtest auf das Lot gerundet: dauert viel länger</translation>
  </message>
  <message>
   <source>Rounded</source>
   <translation>Gerundet</translation>
  </message>
  <message>
   <source>Rolling</source>
   <translation>Rollierend</translation>
  </message>
  <message>
   <source>Anchored</source>
   <translation>Verankert</translation>
  </message>
  <message>
   <source>Lengths</source>
   <translation>Längen</translation>
  </message>
  <message>
   <source>Plateau</source>
   <translation>Plateau</translation>
  </message>
  <message>
   <source>Grid</source>
   <translation>Gitter</translation>
  </message>
  <message>
   <source>Random</source>
   <translation>Zufällig</translation>
  </message>
  <message>
   <source>Guided</source>
   <translation>Geführt</translation>
  </message>
  <message>
   <source>All {n} strategies</source>
   <translation>Alle {n} Strategien</translation>
  </message>
  <message>
   <source>Family: {name} ({n})</source>
   <translation>Familie: {name} ({n})</translation>
  </message>
  <message>
   <source>Choice from window to window</source>
   <translation>Wahl von Fenster zu Fenster</translation>
  </message>
  <message>
   <source>No parameter was searched.</source>
   <translation>Kein Parameter wurde gesucht.</translation>
  </message>
  <message>
   <source>on the plateau</source>
   <translation>auf dem Plateau</translation>
  </message>
  <message>
   <source>chosen</source>
   <translation>gewählt</translation>
  </message>
  <message>
   <source>chosen {n} times</source>
   <translation>{n}-mal gewählt</translation>
  </message>
  <message>
   <source>Nothing is promoted: every strategy runs live with its defaults.</source>
   <translation>Nichts ist eigens live geschaltet: Jede Strategie läuft live mit ihren Standardwerten.</translation>
  </message>
  <message>
   <source>Filter strategies</source>
   <translation>Strategien filtern</translation>
  </message>
  <message>
   <source>All families</source>
   <translation>Alle Familien</translation>
  </message>
  <message>
   <source>Ranking</source>
   <translation>Rangliste</translation>
  </message>
  <message>
   <source>Kept walk-forwards</source>
   <translation>Gespeicherte Walk-forwards</translation>
  </message>
  <message>
   <source>No walk-forward is kept yet.</source>
   <translation>Noch kein Walk-forward gespeichert.</translation>
  </message>
  <message>
   <source>Roll back</source>
   <translation>Zurückrollen</translation>
  </message>
  <message>
   <source>What was live before it is live again: an earlier set, or the defaults</source>
   <translation>Was vorher live war, wird wieder live: ein früherer Satz oder die Standardwerte</translation>
  </message>
  <message>
   <source>Live parameters drive signals only; no orders are placed.</source>
   <translation>Live-Parameter steuern nur Signale; es werden keine Orders aufgegeben.</translation>
  </message>
  <message>
   <source>Queue</source>
   <translation>Queue</translation>
  </message>
  <message>
   <source>Queue symbols …</source>
   <translation>Symbole einreihen …</translation>
  </message>
  <message>
   <source>The form's settings on several symbols, one after the other</source>
   <translation>Die Einstellungen des Formulars auf mehreren Symbolen nacheinander</translation>
  </message>
  <message>
   <source>Two that are selected with Ctrl</source>
   <translation>Zwei mit Strg gewählte</translation>
  </message>
  <message>
   <source>Resume</source>
   <translation>Fortsetzen</translation>
  </message>
  <message>
   <source>Page</source>
   <translation>Seite</translation>
  </message>
  <message>
   <source>As one HTML page, in the browser</source>
   <translation>Als eine HTML-Seite, im Browser</translation>
  </message>
  <message>
   <source>Pause</source>
   <translation>Pause</translation>
  </message>
  <message>
   <source>Clear</source>
   <translation>Leeren</translation>
  </message>
  <message>
   <source>Forget what waits or has failed</source>
   <translation>Vergessen, was wartet oder gescheitert ist</translation>
  </message>
  <message>
   <source>Go on</source>
   <translation>Weiter</translation>
  </message>
  <message>
   <source>Go on with the queue</source>
   <translation>Mit der Queue weitermachen</translation>
  </message>
  <message>
   <source>Begin nothing new; what runs is stopped and goes on later</source>
   <translation>Nichts Neues beginnen; was läuft, hält an und läuft später weiter</translation>
  </message>
  <message>
   <source>The queue is empty. It walks the form's settings over several symbols, one after the other.</source>
   <translation>Die Queue ist leer. Sie rechnet die Einstellungen des Formulars nacheinander auf mehreren Symbolen.</translation>
  </message>
  <message>
   <source>Change</source>
   <translation>Änderung</translation>
  </message>
  <message>
   <source>Verdict A</source>
   <translation>Urteil A</translation>
  </message>
  <message>
   <source>Verdict B</source>
   <translation>Urteil B</translation>
  </message>
  <message>
   <source>No walk-forward yet. Press Run, or open a kept one.</source>
   <translation>Noch kein Walk-forward. Starten drücken oder einen gespeicherten öffnen.</translation>
  </message>
  <message>
   <source>{n} of {all} strategies</source>
   <translation>{n} von {all} Strategien</translation>
  </message>
  <message>
   <source>A year</source>
   <translation>Pro Jahr</translation>
  </message>
  <message>
   <source>Windows up</source>
   <translation>Fenster im Plus</translation>
  </message>
  <message>
   <source>Efficiency</source>
   <translation>Effizienz</translation>
  </message>
  <message>
   <source>Steadiness</source>
   <translation>Stetigkeit</translation>
  </message>
  <message>
   <source>Not walked yet.</source>
   <translation>Noch nicht gerechnet.</translation>
  </message>
  <message>
   <source>Click a window: the chart jumps to it, with its trades.</source>
   <translation>Ein Fenster anklicken: Der Chart springt mit seinen Trades dorthin.</translation>
  </message>
  <message>
   <source>Draw the strategy's indicators with the window's parameters on the chart</source>
   <translation>Die Indikatoren der Strategie mit den Parametern des Fensters in den Chart zeichnen</translation>
  </message>
  <message>
   <source>Train: what was chosen by. Test: all sets afterwards, for comparison only</source>
   <translation>Train: wonach gewählt wurde. Test: alle Sätze im Nachhinein, nur zum Vergleich</translation>
  </message>
  <message>
   <source>No parameter was searched: this strategy has one set.</source>
   <translation>Kein Parameter wurde gesucht: Diese Strategie hat einen Satz.</translation>
  </message>
  <message>
   <source>Walk the matrix</source>
   <translation>Matrix rechnen</translation>
  </message>
  <message>
   <source>The strategy with every pair of these lengths</source>
   <translation>Die Strategie mit jedem Paar dieser Längen</translation>
  </message>
  <message>
   <source>Matrix of lengths</source>
   <translation>Matrix der Längen</translation>
  </message>
  <message>
   <source>Does it hang on the lengths? A click on a cell walks the strategy with them.</source>
   <translation>Hängt es an den Längen? Ein Klick auf eine Zelle rechnet die Strategie mit ihnen.</translation>
  </message>
  <message>
   <source>Days drawn anew, in blocks</source>
   <translation>Tage neu gezogen, in Blöcken</translation>
  </message>
  <message>
   <source>Trades in another order</source>
   <translation>Trades in anderer Reihenfolge</translation>
  </message>
  <message>
   <source>Trades drawn anew</source>
   <translation>Trades neu gezogen</translation>
  </message>
  <message>
   <source>Walked on made-up candles</source>
   <translation>Auf erfundenen Kerzen gerechnet</translation>
  </message>
  <message>
   <source>Cancelled. Choose the kind again to draw the paths.</source>
   <translation>Abgebrochen. Zum Ziehen der Pfade die Art noch einmal wählen.</translation>
  </message>
  <message>
   <source>All windows</source>
   <translation>Alle Fenster</translation>
  </message>
  <message>
   <source>test</source>
   <translation>Test</translation>
  </message>
  <message>
   <source>train</source>
   <translation>Train</translation>
  </message>
  <message>
   <source>click: walk it</source>
   <translation>Klick: rechnen</translation>
  </message>
  <message>
   <source>Window {n} of {all}</source>
   <translation>Fenster {n} von {all}</translation>
  </message>
  <message>
   <source>{n} different sets chosen in {w} windows</source>
   <translation>{n} verschiedene Sätze in {w} Fenstern gewählt</translation>
  </message>
  <message>
   <source>kept from one window to the next {share}</source>
   <translation>von Fenster zu Fenster beibehalten {share}</translation>
  </message>
  <message>
   <source>on the plateau (outlined) {share}</source>
   <translation>auf dem Plateau (umrandet) {share}</translation>
  </message>
  <message>
   <source>Net {x}</source>
   <translation>Netto {x}</translation>
  </message>
  <message>
   <source>mean of all</source>
   <translation>Mittel aller</translation>
  </message>
  <message>
   <source>{n} paths</source>
   <translation>{n} Pfade</translation>
  </message>
  <message>
   <source>Kept</source>
   <translation>Gespeichert</translation>
  </message>
  <message>
   <source>New walk-forward</source>
   <translation>Neuer Walk-forward</translation>
  </message>
  <message>
   <source>Run the walk-forward (Shift+F10)</source>
   <translation>Walk-forward starten (Umschalt+F10)</translation>
  </message>
  <message>
   <source>Stop it; what is done is kept, and it can go on later</source>
   <translation>Anhalten; was fertig ist, bleibt, und es kann später weitergehen</translation>
  </message>
  <message>
   <source>Go on with the one that was stopped: what is done is not done again</source>
   <translation>Mit dem angehaltenen weitermachen: Fertiges wird nicht noch einmal gerechnet</translation>
  </message>
  <message>
   <source>Bands</source>
   <translation>Bänder</translation>
  </message>
  <message>
   <source>Draw the windows on the chart</source>
   <translation>Die Fenster in den Chart zeichnen</translation>
  </message>
  <message>
   <source>More</source>
   <translation>Mehr</translation>
  </message>
  <message>
   <source>Range, purge and embargo, search, costs</source>
   <translation>Zeitraum, Purge und Embargo, Suche, Kosten</translation>
  </message>
  <message>
   <source>Set up</source>
   <translation>Formular</translation>
  </message>
  <message>
   <source>Show or fold away the form</source>
   <translation>Formular zeigen oder einklappen</translation>
  </message>
  <message>
   <source>Stop</source>
   <translation>Stopp</translation>
  </message>
  <message>
   <source>Stopping; what is done is kept</source>
   <translation>Hält an; was fertig ist, bleibt</translation>
  </message>
  <message>
   <source>{n} strategies, {sets} sets, {w} windows, {bars} bars: about {time}</source>
   <translation>{n} Strategien, {sets} Sätze, {w} Fenster, {bars} Kerzen: etwa {time}</translation>
  </message>
  <message>
   <source>{n} done</source>
   <translation>{n} fertig</translation>
  </message>
  <message>
   <source>Queue symbols</source>
   <translation>Symbole einreihen</translation>
  </message>
  <message>
   <source>Queue them</source>
   <translation>Einreihen</translation>
  </message>
  <message>
   <source>Filter symbols</source>
   <translation>Symbole filtern</translation>
  </message>
  <message>
   <source>{n} chosen</source>
   <translation>{n} gewählt</translation>
  </message>
  <message>
   <source>The train and test windows stand here once a walk-forward runs or is opened.</source>
   <translation>Die Train- und Testfenster stehen hier, sobald ein Walk-forward läuft oder geöffnet ist.</translation>
  </message>
  <message>
   <source>profit</source>
   <translation>Gewinn</translation>
  </message>
  <message>
   <source>loss</source>
   <translation>Verlust</translation>
  </message>
  <message>
   <source>no trade</source>
   <translation>kein Trade</translation>
  </message>
  <message>
   <source>Train {a} – {b}</source>
   <translation>Train {a} – {b}</translation>
  </message>
  <message>
   <source>Test {a} – {b}</source>
   <translation>Test {a} – {b}</translation>
  </message>
  <message>
   <source>Chance that it is luck</source>
   <translation>Chance, dass es Zufall ist</translation>
  </message>
  <message>
   <source>Sharpe out of sample</source>
   <translation>Sharpe Out-of-Sample</translation>
  </message>
  <message>
   <source>Profitable windows</source>
   <translation>Fenster mit Gewinn</translation>
  </message>
  <message>
   <source>Probabilistic Sharpe</source>
   <translation>Probabilistic Sharpe</translation>
  </message>
  <message>
   <source>Deflated Sharpe</source>
   <translation>Deflated Sharpe</translation>
  </message>
  <message>
   <source>Overfitting (PBO)</source>
   <translation>Overfitting (PBO)</translation>
  </message>
  <message>
   <source>Walk-forward efficiency</source>
   <translation>Walk-forward-Effizienz</translation>
  </message>
  <message>
   <source>Largest drawdown</source>
   <translation>Größter Drawdown</translation>
  </message>
  <message>
   <source>Profit from the best window</source>
   <translation>Gewinn aus bestem Fenster</translation>
  </message>
  <message>
   <source>Profit from the best trade</source>
   <translation>Gewinn aus bestem Trade</translation>
  </message>
  <message>
   <source>Steadiness of the choice</source>
   <translation>Stetigkeit der Wahl</translation>
  </message>
  <message>
   <source>Must be met: without it nothing passes. Else it is a wish.</source>
   <translation>Muss erfüllt sein: Ohne das besteht nichts. Sonst ist es ein Wunsch.</translation>
  </message>
  <message>
   <source>Reset the limits</source>
   <translation>Grenzen zurück</translation>
  </message>
  <message>
   <source>Back to the limits that the walk-forward was run with</source>
   <translation>Zurück zu den Grenzen, mit denen der Walk-forward lief</translation>
  </message>
  <message>
   <source>Limit</source>
   <translation>Grenze</translation>
  </message>
  <message>
   <source>Must</source>
   <translation>Muss</translation>
  </message>
  <message>
   <source>Judged by edited limits; new runs use them too.</source>
   <translation>Nach geänderten Grenzen beurteilt; auch neue Läufe nutzen sie.</translation>
  </message>
  <message>
   <source>Limit of {name}</source>
   <translation>Grenze von {name}</translation>
  </message>
  <message>
   <source>{name} must be met</source>
   <translation>{name} muss erfüllt sein</translation>
  </message>
  <message>
   <source>Not asked.</source>
   <translation>Nicht verlangt.</translation>
  </message>
  <message>
   <source>Not a number; empty asks for nothing.</source>
   <translation>Keine Zahl; leer verlangt nichts.</translation>
  </message>
  <message>
   <source>New list; drop rows here</source>
   <translation>Neue Liste; Zeilen hierher ziehen</translation>
  </message>
  <message>
   <source>Starred symbols</source>
   <translation>Symbole mit Stern</translation>
  </message>
  <message>
   <source>Symbols with a signal in the last 30 minutes</source>
   <translation>Symbole mit einem Signal in den letzten 30 Minuten</translation>
  </message>
  <message>
   <source>Your list; drop rows here</source>
   <translation>Eigene Liste; Zeilen hierher ziehen</translation>
  </message>
  <message>
   <source>as written</source>
   <translation>wie geschrieben</translation>
  </message>
  <message>
   <source>Expression</source>
   <translation>Ausdruck</translation>
  </message>
  <message>
   <source>Heading</source>
   <translation>Überschrift</translation>
  </message>
  <message>
   <source>Column</source>
   <translation>Spalte</translation>
  </message>
  <message>
   <source>Add a column</source>
   <translation>Spalte hinzufügen</translation>
  </message>
  <message>
   <source>Open chart</source>
   <translation>Chart öffnen</translation>
  </message>
  <message>
   <source>Open in a new chart</source>
   <translation>In neuem Chart öffnen</translation>
  </message>
  <message>
   <source>Back-test this</source>
   <translation>Backtest damit</translation>
  </message>
  <message>
   <source>Add to list</source>
   <translation>In Liste</translation>
  </message>
  <message>
   <source>New list...</source>
   <translation>Neue Liste...</translation>
  </message>
  <message>
   <source>Tell of its signals again</source>
   <translation>Signale wieder melden</translation>
  </message>
  <message>
   <source>Mute its signals</source>
   <translation>Signale stummschalten</translation>
  </message>
  <message>
   <source>Copy symbols</source>
   <translation>Symbole kopieren</translation>
  </message>
  <message>
   <source>Columns as they were</source>
   <translation>Spalten wie anfangs</translation>
  </message>
  <message>
   <source>Import a list from a file...</source>
   <translation>Liste aus einer Datei importieren...</translation>
  </message>
  <message>
   <source>Paste a list</source>
   <translation>Liste einfügen</translation>
  </message>
  <message>
   <source>Import a list</source>
   <translation>Liste importieren</translation>
  </message>
  <message>
   <source>Text (*.txt *.csv);;All files (*)</source>
   <translation>Text (*.txt *.csv);;Alle Dateien (*)</translation>
  </message>
  <message>
   <source>Export the list</source>
   <translation>Liste exportieren</translation>
  </message>
  <message>
   <source>Text (*.txt)</source>
   <translation>Text (*.txt)</translation>
  </message>
  <message>
   <source>Remove star</source>
   <translation>Stern entfernen</translation>
  </message>
  <message>
   <source>Copy row</source>
   <translation>Zeile kopieren</translation>
  </message>
  <message>
   <source>Edit this column...</source>
   <translation>Diese Spalte bearbeiten...</translation>
  </message>
  <message>
   <source>Remove this column</source>
   <translation>Diese Spalte entfernen</translation>
  </message>
  <message>
   <source>Rename...</source>
   <translation>Umbenennen...</translation>
  </message>
  <message>
   <source>Export to a file...</source>
   <translation>In eine Datei exportieren...</translation>
  </message>
  <message>
   <source>Copy its symbols</source>
   <translation>Ihre Symbole kopieren</translation>
  </message>
  <message>
   <source>Delete the list</source>
   <translation>Liste löschen</translation>
  </message>
  <message>
   <source>No symbol was found in that text.</source>
   <translation>Kein Symbol in diesem Text gefunden.</translation>
  </message>
  <message>
   <source>Back-test these {n}</source>
   <translation>Backtest dieser {n}</translation>
  </message>
  <message>
   <source>Add a column of the rules language...</source>
   <translation>Spalte in der Regelsprache hinzufügen...</translation>
  </message>
  <message>
   <source>Pasted</source>
   <translation>Eingefügt</translation>
  </message>
  <message>
   <source>New list of the {n} rows shown</source>
   <translation>Neue Liste der {n} gezeigten Zeilen</translation>
  </message>
  <message>
   <source>Imported</source>
   <translation>Importiert</translation>
  </message>
  <message>
   <source>Remove from "{name}"</source>
   <translation>Aus „{name}“ entfernen</translation>
  </message>
  <message>
   <source>{n} words are no symbols here: {words}</source>
   <translation>{n} Wörter sind hier keine Symbole: {words}</translation>
  </message>
  <message>
   <source>A ring before the name: its history is still loading</source>
   <translation>Ein Ring vor dem Namen: Die Historie lädt noch</translation>
  </message>
  <message>
   <source>Last price; it flashes when it moves</source>
   <translation>Letzter Kurs; er blinkt, wenn er sich bewegt</translation>
  </message>
  <message>
   <source>Against the price 24 hours ago</source>
   <translation>Gegen den Kurs vor 24 Stunden</translation>
  </message>
  <message>
   <source>Turnover of 24 hours, in the quote currency</source>
   <translation>Umsatz in 24 Stunden, in der Kurswährung</translation>
  </message>
  <message>
   <source>Ask over bid, in basis points (1/100 %), every 5 seconds</source>
   <translation>Ask über Bid, in Basispunkten (1/100 %), alle 5 Sekunden</translation>
  </message>
  <message>
   <source>Where the price stands between the low and the high of 24 hours</source>
   <translation>Wo der Kurs zwischen Tief und Hoch der 24 Stunden steht</translation>
  </message>
  <message>
   <source>Last signal within 30 minutes and its age; hollow: provisional</source>
   <translation>Letztes Signal der letzten 30 Minuten und sein Alter; hohl: vorläufig</translation>
  </message>
  <message>
   <source>Last closes</source>
   <translation>Letzte Schlusskurse</translation>
  </message>
  <message>
   <source>{side} · {why} · {age} ago</source>
   <translation>{side} · {why} · vor {age}</translation>
  </message>
  <message>
   <source>Its history is too short for this yet.</source>
   <translation>Die Historie ist dafür noch zu kurz.</translation>
  </message>
  <message>
   <source>Last update {when} UTC</source>
   <translation>Letztes Update {when} UTC</translation>
  </message>
  <message>
   <source>{expression} on {timeframe}</source>
   <translation>{expression} auf {timeframe}</translation>
  </message>
  <message>
   <source>24 h range {span}</source>
   <translation>24-h-Spanne {span}</translation>
  </message>
  <message>
   <source>Filter symbol or currency</source>
   <translation>Symbol oder Währung filtern</translation>
  </message>
  <message>
   <source>Lists and columns</source>
   <translation>Listen und Spalten</translation>
  </message>
  <message>
   <source>Waiting for the engine's list of symbols.
Its very first start takes about a minute.</source>
   <translation>Warten auf die Symbolliste der Engine.
Der allererste Start dauert etwa eine Minute.</translation>
  </message>
  <message>
   <source>Rows keep their places while the mouse is over them</source>
   <translation>Zeilen bleiben an ihrem Platz, solange die Maus über ihnen ist</translation>
  </message>
  <message>
   <source>What the colours of the heat map mean</source>
   <translation>Was die Farben der Heatmap bedeuten</translation>
  </message>
  <message>
   <source>Columns</source>
   <translation>Spalten</translation>
  </message>
  <message>
   <source>Sorting paused</source>
   <translation>Sortierung ruht</translation>
  </message>
  <message>
   <source>Rename the list</source>
   <translation>Liste umbenennen</translation>
  </message>
  <message>
   <source>New list</source>
   <translation>Neue Liste</translation>
  </message>
  <message>
   <source>{n} in a gap</source>
   <translation>{n} in einer Lücke</translation>
  </message>
  <message>
   <source>{n} without data</source>
   <translation>{n} ohne Daten</translation>
  </message>
  <message>
   <source>{n} of {all}</source>
   <translation>{n} von {all}</translation>
  </message>
  <message>
   <source>All of them are in "{name}" already.</source>
   <translation>Alle stehen schon in „{name}“.</translation>
  </message>
  <message>
   <source>Drag left or right; the wheel and the arrows turn it by a step, a double click puts it back.</source>
   <translation>Links oder rechts ziehen; Rad und Pfeile drehen um einen Schritt, Doppelklick setzt zurück.</translation>
  </message>
  <message>
   <source>Keep as run</source>
   <translation>Als Lauf sichern</translation>
  </message>
  <message>
   <source>Run it once more with every figure, and keep it among the runs</source>
   <translation>Noch einmal mit allen Kennzahlen rechnen und bei den Läufen speichern</translation>
  </message>
  <message>
   <source>Put back</source>
   <translation>Zurücksetzen</translation>
  </message>
  <message>
   <source>Close what-if (Escape)</source>
   <translation>Was-wäre-wenn schließen (Esc)</translation>
  </message>
  <message>
   <source>running over the whole history</source>
   <translation>läuft über die ganze Historie</translation>
  </message>
  <message>
   <source>Newest trade</source>
   <translation>Neuester Trade</translation>
  </message>
  <message>
   <source>Go to the trade whose levels are shown</source>
   <translation>Zum Trade gehen, dessen Marken gezeigt sind</translation>
  </message>
  <message>
   <source>What if  ·  {title}</source>
   <translation>Was wäre wenn  ·  {title}</translation>
  </message>
  <message>
   <source>{bars} bars in {ms}</source>
   <translation>{bars} Kerzen in {ms}</translation>
  </message>
  <message>
   <source>Last signal</source>
   <translation>Voriges Signal</translation>
  </message>
  <message>
   <source>Next signal</source>
   <translation>Nächstes Signal</translation>
  </message>
  <message>
   <source>Strategies on this bar</source>
   <translation>Strategien auf dieser Kerze</translation>
  </message>
  <message>
   <source>Conditions</source>
   <translation>Bedingungen</translation>
  </message>
  <message>
   <source>Click a bar of the chart</source>
   <translation>Eine Kerze im Chart anklicken</translation>
  </message>
  <message>
   <source>Strategy or condition</source>
   <translation>Strategie oder Bedingung</translation>
  </message>
  <message>
   <source>Click any bar of the chart: all strategies say why they fired on it, or why not.</source>
   <translation>Eine Kerze im Chart anklicken: Alle Strategien sagen, warum sie auf ihr auslösten oder warum nicht.</translation>
  </message>
  <message>
   <source>The bar before</source>
   <translation>Die Kerze davor</translation>
  </message>
  <message>
   <source>The bar after</source>
   <translation>Die Kerze danach</translation>
  </message>
  <message>
   <source>Rule</source>
   <translation>Regel</translation>
  </message>
  <message>
   <source>What was missing</source>
   <translation>Was fehlte</translation>
  </message>
  <message>
   <source>The nearest condition, its two numbers, their distance</source>
   <translation>Die nächste Bedingung, ihre zwei Zahlen, ihr Abstand</translation>
  </message>
  <message>
   <source>Held on this bar; small: on the bar before</source>
   <translation>Galt auf dieser Kerze; klein: auf der davor</translation>
  </message>
  <message>
   <source>Condition</source>
   <translation>Bedingung</translation>
  </message>
  <message>
   <source>Now</source>
   <translation>Jetzt</translation>
  </message>
  <message>
   <source>Bar before</source>
   <translation>Davor</translation>
  </message>
  <message>
   <source>Distances on this bar</source>
   <translation>Abstände auf dieser Kerze</translation>
  </message>
  <message>
   <source>{fired} fired · {nearly} nearly · of {n}</source>
   <translation>{fired} ausgelöst · {nearly} beinahe · von {n}</translation>
  </message>
  <message>
   <source>No strategy is in this state on this bar. Choose another list above.</source>
   <translation>Keine Strategie ist auf dieser Kerze in diesem Zustand. Oben eine andere Liste wählen.</translation>
  </message>
  <message>
   <source>Nothing here matches "{text}".</source>
   <translation>Nichts hier passt zu „{text}“.</translation>
  </message>
  <message>
   <source>Data folder</source>
   <translation>Datenordner</translation>
  </message>
  <message>
   <source>Folder for candles, state and caches; empty = this user's data folder.</source>
   <translation>Ordner für Kerzen, Zustand und Caches; leer = der Datenordner dieses Benutzers.</translation>
  </message>
  <message>
   <source>Log level</source>
   <translation>Log-Stufe</translation>
  </message>
  <message>
   <source>The least serious line the log keeps.</source>
   <translation>Die am wenigsten ernste Zeile, die das Log behält.</translation>
  </message>
  <message>
   <source>Markets</source>
   <translation>Märkte</translation>
  </message>
  <message>
   <source>Markets watched live.</source>
   <translation>Live beobachtete Märkte.</translation>
  </message>
  <message>
   <source>Symbols per connection</source>
   <translation>Symbole je Verbindung</translation>
  </message>
  <message>
   <source>Symbols one connection carries at most.</source>
   <translation>Höchstzahl Symbole je Verbindung.</translation>
  </message>
  <message>
   <source>symbols</source>
   <translation>Symbole</translation>
  </message>
  <message>
   <source>Shards per market</source>
   <translation>Shards je Markt</translation>
  </message>
  <message>
   <source>Connections a market is spread over.</source>
   <translation>Verbindungen, auf die ein Markt verteilt ist.</translation>
  </message>
  <message>
   <source>connections</source>
   <translation>Verbindungen</translation>
  </message>
  <message>
   <source>Extend the running bar by every trade between two candle frames.</source>
   <translation>Die laufende Kerze zwischen zwei Kerzen-Frames mit jedem Trade fortschreiben.</translation>
  </message>
  <message>
   <source>Spot ws</source>
   <translation>Spot-WS</translation>
  </message>
  <message>
   <source>Stream host of Binance spot.</source>
   <translation>Stream-Host von Binance Spot.</translation>
  </message>
  <message>
   <source>Spot rest</source>
   <translation>Spot-REST</translation>
  </message>
  <message>
   <source>REST host of Binance spot.</source>
   <translation>REST-Host von Binance Spot.</translation>
  </message>
  <message>
   <source>Futures ws</source>
   <translation>Futures-WS</translation>
  </message>
  <message>
   <source>Stream host of Binance futures.</source>
   <translation>Stream-Host von Binance Futures.</translation>
  </message>
  <message>
   <source>Futures rest</source>
   <translation>Futures-REST</translation>
  </message>
  <message>
   <source>REST host of Binance futures.</source>
   <translation>REST-Host von Binance Futures.</translation>
  </message>
  <message>
   <source>Archive url</source>
   <translation>Archiv-URL</translation>
  </message>
  <message>
   <source>Host of Binance's public archive of candles.</source>
   <translation>Host des öffentlichen Kerzenarchivs von Binance.</translation>
  </message>
  <message>
   <source>Oanda rest</source>
   <translation>OANDA-REST</translation>
  </message>
  <message>
   <source>REST host of OANDA; api-fxtrade.oanda.com with a token of a live account.</source>
   <translation>REST-Host von OANDA; api-fxtrade.oanda.com mit dem Token eines Live-Kontos.</translation>
  </message>
  <message>
   <source>Proxy</source>
   <translation>Proxy</translation>
  </message>
  <message>
   <source>Proxy for all exchange traffic, as http://host:port; empty = none.</source>
   <translation>Proxy für allen Börsenverkehr, als http://host:port; leer = keiner.</translation>
  </message>
  <message>
   <source>Timeframes</source>
   <translation>Zeitrahmen</translation>
  </message>
  <message>
   <source>Timeframes kept live.</source>
   <translation>Live gehaltene Zeitrahmen.</translation>
  </message>
  <message>
   <source>Periods</source>
   <translation>Perioden</translation>
  </message>
  <message>
   <source>Periods in bars for which a bank computes an indicator side by side.</source>
   <translation>Perioden in Kerzen, für die eine Bank einen Indikator nebeneinander rechnet.</translation>
  </message>
  <message>
   <source>History bars</source>
   <translation>Historie in Kerzen</translation>
  </message>
  <message>
   <source>Bars of history every symbol and timeframe starts from.</source>
   <translation>Kerzen Historie, mit denen jedes Symbol und jeder Zeitrahmen beginnt.</translation>
  </message>
  <message>
   <source>bars</source>
   <translation>Kerzen</translation>
  </message>
  <message>
   <source>Keep running</source>
   <translation>Weiterlaufen</translation>
  </message>
  <message>
   <source>Leave the engine running when the window that started it closes.</source>
   <translation>Engine weiterlaufen lassen, wenn das Fenster schließt, das sie gestartet hat.</translation>
  </message>
  <message>
   <source>Idle minutes</source>
   <translation>Leerlauf in Minuten</translation>
  </message>
  <message>
   <source>An engine whose window crashed stops after this long without another.</source>
   <translation>Eine Engine, deren Fenster abstürzte, endet nach dieser Zeit ohne ein anderes.</translation>
  </message>
  <message>
   <source>minutes</source>
   <translation>Minuten</translation>
  </message>
  <message>
   <source>Address</source>
   <translation>Adresse</translation>
  </message>
  <message>
   <source>Where windows reach the engine, or a redis:// URL; empty = a local socket.</source>
   <translation>Wo Fenster die Engine erreichen, oder eine redis://-URL; leer = ein lokaler Socket.</translation>
  </message>
  <message>
   <source>Publish ms</source>
   <translation>Takt in ms</translation>
  </message>
  <message>
   <source>Changed rows go out together this often.</source>
   <translation>So oft gehen geänderte Zeilen zusammen hinaus.</translation>
  </message>
  <message>
   <source>ms</source>
   <translation>ms</translation>
  </message>
  <message>
   <source>Database URL of the state; empty = SQLite in the data folder.</source>
   <translation>Datenbank-URL des Zustands; leer = SQLite im Datenordner.</translation>
  </message>
  <message>
   <source>Lake</source>
   <translation>Kerzenbestand</translation>
  </message>
  <message>
   <source>Folder or URL of the candle lake; empty = in the data folder.</source>
   <translation>Ordner oder URL des Kerzenbestands; leer = im Datenordner.</translation>
  </message>
  <message>
   <source>Show signals of the running bar before it closes.</source>
   <translation>Signale der laufenden Kerze zeigen, bevor sie schließt.</translation>
  </message>
  <message>
   <source>Cooldown bars</source>
   <translation>Ruhezeit in Kerzen</translation>
  </message>
  <message>
   <source>Bars after an alert in which the same condition of a strategy does not alert again on a symbol and timeframe; its signals are journaled and marked quiet.</source>
   <translation>Kerzen nach einem Alarm, in denen dieselbe Bedingung einer Strategie auf einem Symbol und Zeitrahmen nicht erneut alarmiert; ihre Signale kommen als still ins Journal.</translation>
  </message>
  <message>
   <source>Cooldowns</source>
   <translation>Ruhezeiten</translation>
  </message>
  <message>
   <source>The same for single strategies, as rsi_revert=12; they outweigh the number for all.</source>
   <translation>Dasselbe für einzelne Strategien, etwa rsi_revert=12; wiegt schwerer als die Zahl für alle.</translation>
  </message>
  <message>
   <source>Signals to be told of, a rule each, as strategy=rsi_* symbol=binance-spot:* timeframe=1h side=long action=entry strength&gt;=1.5 sound desktop; empty = none.</source>
   <translation>Zu meldende Signale, je eine Regel, etwa strategy=rsi_* symbol=binance-spot:* timeframe=1h side=long action=entry strength&gt;=1.5 sound desktop; leer = keine.</translation>
  </message>
  <message>
   <source>Per second</source>
   <translation>Pro Sekunde</translation>
  </message>
  <message>
   <source>Alerts a second at most; the others are counted.</source>
   <translation>Höchstzahl Alarme pro Sekunde; die übrigen werden gezählt.</translation>
  </message>
  <message>
   <source>alerts</source>
   <translation>Alarme</translation>
  </message>
  <message>
   <source>Telegram api</source>
   <translation>Telegram-API</translation>
  </message>
  <message>
   <source>Host of Telegram's bot interface.</source>
   <translation>Host der Bot-Schnittstelle von Telegram.</translation>
  </message>
  <message>
   <source>Telegram chat</source>
   <translation>Telegram-Chat</translation>
  </message>
  <message>
   <source>Chat that a Telegram bot writes to. What the alerts dialog keeps outweighs it.</source>
   <translation>Chat, in den ein Telegram-Bot schreibt. Was der Alarmdialog speichert, wiegt schwerer.</translation>
  </message>
  <message>
   <source>Mail host</source>
   <translation>Mailserver</translation>
  </message>
  <message>
   <source>Mail server that alerts go out by. What the alerts dialog keeps outweighs it.</source>
   <translation>Mailserver für Alarme. Was der Alarmdialog speichert, wiegt schwerer.</translation>
  </message>
  <message>
   <source>Mail port</source>
   <translation>Mailport</translation>
  </message>
  <message>
   <source>Port of the mail server. What the alerts dialog keeps outweighs it.</source>
   <translation>Port des Mailservers. Was der Alarmdialog speichert, wiegt schwerer.</translation>
  </message>
  <message>
   <source>Mail security</source>
   <translation>Mailsicherheit</translation>
  </message>
  <message>
   <source>How the way to it is closed. What the alerts dialog keeps outweighs it.</source>
   <translation>Wie der Weg dorthin gesichert ist. Was der Alarmdialog speichert, wiegt schwerer.</translation>
  </message>
  <message>
   <source>Mail user</source>
   <translation>Mailbenutzer</translation>
  </message>
  <message>
   <source>User at the mail server. What the alerts dialog keeps outweighs it.</source>
   <translation>Benutzer am Mailserver. Was der Alarmdialog speichert, wiegt schwerer.</translation>
  </message>
  <message>
   <source>Mail from</source>
   <translation>Mailabsender</translation>
  </message>
  <message>
   <source>Sender of mails; empty = the user. What the alerts dialog keeps outweighs it.</source>
   <translation>Absender der Mails; leer = der Benutzer. Was der Alarmdialog speichert, wiegt schwerer.</translation>
  </message>
  <message>
   <source>Mail to</source>
   <translation>Mailempfänger</translation>
  </message>
  <message>
   <source>Receiver of mails. What the alerts dialog keeps outweighs it.</source>
   <translation>Empfänger der Mails. Was der Alarmdialog speichert, wiegt schwerer.</translation>
  </message>
  <message>
   <source>Confirmed days</source>
   <translation>Bestätigte (Tage)</translation>
  </message>
  <message>
   <source>Confirmed signals are kept this long.</source>
   <translation>So lange bleiben bestätigte Signale gespeichert.</translation>
  </message>
  <message>
   <source>Provisional days</source>
   <translation>Vorläufige (Tage)</translation>
  </message>
  <message>
   <source>Provisional and withdrawn signals are kept this long.</source>
   <translation>So lange bleiben vorläufige und zurückgezogene Signale gespeichert.</translation>
  </message>
  <message>
   <source>Slippage bps</source>
   <translation>Slippage in bp</translation>
  </message>
  <message>
   <source>Slippage per fill, against the trader.</source>
   <translation>Slippage je Ausführung, zulasten des Händlers.</translation>
  </message>
  <message>
   <source>basis points of the price</source>
   <translation>Basispunkte des Kurses</translation>
  </message>
  <message>
   <source>Fee taker</source>
   <translation>Taker-Gebühr</translation>
  </message>
  <message>
   <source>Fee per fill as a fraction of the traded value; -1 = the market's taker fee.</source>
   <translation>Gebühr je Ausführung als Anteil am Handelswert; -1 = Taker-Gebühr des Marktes.</translation>
  </message>
  <message>
   <source>Cash a test starts with.</source>
   <translation>Cash, mit dem ein Test beginnt.</translation>
  </message>
  <message>
   <source>account currency</source>
   <translation>Kontowährung</translation>
  </message>
  <message>
   <source>Threads</source>
   <translation>Threads</translation>
  </message>
  <message>
   <source>Threads a walk-forward runs on; 0 = as many as there are cores.</source>
   <translation>Threads eines Walk-forwards; 0 = so viele, wie es Kerne gibt.</translation>
  </message>
  <message>
   <source>threads</source>
   <translation>Threads</translation>
  </message>
  <message>
   <source>Cluster</source>
   <translation>Cluster</translation>
  </message>
  <message>
   <source>Dask scheduler that walk-forwards run on, as tcp://127.0.0.1:8786 or tls://host:8786; empty = here.</source>
   <translation>Dask-Scheduler für Walk-forwards, als tcp://127.0.0.1:8786 oder tls://host:8786; leer = hier.</translation>
  </message>
  <message>
   <source>Theme</source>
   <translation>Farbschema</translation>
  </message>
  <message>
   <source>Colours of the window.</source>
   <translation>Farben des Fensters.</translation>
  </message>
  <message>
   <source>Up down</source>
   <translation>Steigend/fallend</translation>
  </message>
  <message>
   <source>Colours of rising and falling; blue and orange can be told apart by everybody.</source>
   <translation>Farben für steigend und fallend; Blau und Orange kann jeder unterscheiden.</translation>
  </message>
  <message>
   <source>Language</source>
   <translation>Sprache</translation>
  </message>
  <message>
   <source>Language of the window.</source>
   <translation>Sprache des Fensters.</translation>
  </message>
  <message>
   <source>Zone times are shown in: local, UTC or a name as Europe/London.</source>
   <translation>Zone der gezeigten Zeiten: local, UTC oder ein Name wie Europe/London.</translation>
  </message>
  <message>
   <source>dark</source>
   <translation>dunkel</translation>
  </message>
  <message>
   <source>light</source>
   <translation>hell</translation>
  </message>
  <message>
   <source>green/red</source>
   <translation>grün/rot</translation>
  </message>
  <message>
   <source>red/green</source>
   <translation>rot/grün</translation>
  </message>
  <message>
   <source>blue/orange</source>
   <translation>blau/orange</translation>
  </message>
  <message>
   <source>English</source>
   <translation>English</translation>
  </message>
  <message>
   <source>Deutsch</source>
   <translation>Deutsch</translation>
  </message>
  <message>
   <source>Final equity</source>
   <translation>Endkapital</translation>
  </message>
  <message>
   <source>Total return</source>
   <translation>Gesamtrendite</translation>
  </message>
  <message>
   <source>Trading days</source>
   <translation>Handelstage</translation>
  </message>
  <message>
   <source>Best day</source>
   <translation>Bester Tag</translation>
  </message>
  <message>
   <source>Worst day</source>
   <translation>Schlechtester Tag</translation>
  </message>
  <message>
   <source>Positive days</source>
   <translation>Positive Tage</translation>
  </message>
  <message>
   <source>Best month</source>
   <translation>Bester Monat</translation>
  </message>
  <message>
   <source>Worst month</source>
   <translation>Schlechtester Monat</translation>
  </message>
  <message>
   <source>Positive months</source>
   <translation>Positive Monate</translation>
  </message>
  <message>
   <source>Omega</source>
   <translation>Omega</translation>
  </message>
  <message>
   <source>Gain to pain</source>
   <translation>Gain to Pain</translation>
  </message>
  <message>
   <source>Ulcer performance</source>
   <translation>Ulcer Performance</translation>
  </message>
  <message>
   <source>Serenity</source>
   <translation>Serenity</translation>
  </message>
  <message>
   <source>Recovery factor</source>
   <translation>Recovery-Faktor</translation>
  </message>
  <message>
   <source>Tail ratio</source>
   <translation>Tail Ratio</translation>
  </message>
  <message>
   <source>Common sense ratio</source>
   <translation>Common Sense Ratio</translation>
  </message>
  <message>
   <source>Volatility</source>
   <translation>Volatilität</translation>
  </message>
  <message>
   <source>Skew</source>
   <translation>Schiefe</translation>
  </message>
  <message>
   <source>Kurtosis</source>
   <translation>Kurtosis</translation>
  </message>
  <message>
   <source>Value at risk 95 %</source>
   <translation>Value at Risk 95 %</translation>
  </message>
  <message>
   <source>Expected shortfall 95 %</source>
   <translation>Expected Shortfall 95 %</translation>
  </message>
  <message>
   <source>Largest drawdown, daily</source>
   <translation>Größter Drawdown, täglich</translation>
  </message>
  <message>
   <source>Largest drawdown, every bar</source>
   <translation>Größter Drawdown, jede Kerze</translation>
  </message>
  <message>
   <source>Largest drawdown, money</source>
   <translation>Größter Drawdown, Geld</translation>
  </message>
  <message>
   <source>Average drawdown</source>
   <translation>Mittlerer Drawdown</translation>
  </message>
  <message>
   <source>Longest drawdown</source>
   <translation>Längster Drawdown</translation>
  </message>
  <message>
   <source>Average drawdown length</source>
   <translation>Mittlere Drawdown-Länge</translation>
  </message>
  <message>
   <source>Drawdown still open</source>
   <translation>Drawdown noch offen</translation>
  </message>
  <message>
   <source>Time under water</source>
   <translation>Zeit unter Wasser</translation>
  </message>
  <message>
   <source>Pain index</source>
   <translation>Pain Index</translation>
  </message>
  <message>
   <source>Ulcer index</source>
   <translation>Ulcer Index</translation>
  </message>
  <message>
   <source>Long trades</source>
   <translation>Long-Trades</translation>
  </message>
  <message>
   <source>Short trades</source>
   <translation>Short-Trades</translation>
  </message>
  <message>
   <source>Trades a month</source>
   <translation>Trades pro Monat</translation>
  </message>
  <message>
   <source>Gross profit</source>
   <translation>Bruttogewinn</translation>
  </message>
  <message>
   <source>Gross loss</source>
   <translation>Bruttoverlust</translation>
  </message>
  <message>
   <source>Expectancy, share of the trade</source>
   <translation>Erwartungswert je Trade-Wert</translation>
  </message>
  <message>
   <source>Average win</source>
   <translation>Mittlerer Gewinn</translation>
  </message>
  <message>
   <source>Average loss</source>
   <translation>Mittlerer Verlust</translation>
  </message>
  <message>
   <source>Payoff</source>
   <translation>Payoff</translation>
  </message>
  <message>
   <source>Best trade</source>
   <translation>Bester Trade</translation>
  </message>
  <message>
   <source>Worst trade</source>
   <translation>Schlechtester Trade</translation>
  </message>
  <message>
   <source>Expectancy in R</source>
   <translation>Erwartungswert in R</translation>
  </message>
  <message>
   <source>Deviation of R</source>
   <translation>Streuung von R</translation>
  </message>
  <message>
   <source>Best R</source>
   <translation>Bestes R</translation>
  </message>
  <message>
   <source>Worst R</source>
   <translation>Schlechtestes R</translation>
  </message>
  <message>
   <source>SQN</source>
   <translation>SQN</translation>
  </message>
  <message>
   <source>SQN, at most 100 trades</source>
   <translation>SQN, höchstens 100 Trades</translation>
  </message>
  <message>
   <source>Kelly fraction</source>
   <translation>Kelly-Anteil</translation>
  </message>
  <message>
   <source>Wins in a row</source>
   <translation>Gewinne in Folge</translation>
  </message>
  <message>
   <source>Losses in a row</source>
   <translation>Verluste in Folge</translation>
  </message>
  <message>
   <source>Bars held</source>
   <translation>Haltedauer in Kerzen</translation>
  </message>
  <message>
   <source>Bars held, wins</source>
   <translation>Haltedauer, Gewinne</translation>
  </message>
  <message>
   <source>Bars held, losses</source>
   <translation>Haltedauer, Verluste</translation>
  </message>
  <message>
   <source>Average adverse excursion</source>
   <translation>Mittlere Adverse Excursion</translation>
  </message>
  <message>
   <source>Average favourable excursion</source>
   <translation>Mittlere Favourable Excursion</translation>
  </message>
  <message>
   <source>Fees paid</source>
   <translation>Gezahlte Gebühren</translation>
  </message>
  <message>
   <source>Funding paid</source>
   <translation>Gezahltes Funding</translation>
  </message>
  <message>
   <source>Slippage and spread paid</source>
   <translation>Slippage und Spread</translation>
  </message>
  <message>
   <source>Turnover</source>
   <translation>Umsatz</translation>
  </message>
  <message>
   <source>Time in the market</source>
   <translation>Zeit im Markt</translation>
  </message>
  <message>
   <source>Gross exposure</source>
   <translation>Brutto-Exposure</translation>
  </message>
  <message>
   <source>Buy and hold, CAGR</source>
   <translation>Buy and hold, CAGR</translation>
  </message>
  <message>
   <source>Buy and hold, Sharpe</source>
   <translation>Buy and hold, Sharpe</translation>
  </message>
  <message>
   <source>Buy and hold, drawdown</source>
   <translation>Buy and hold, Drawdown</translation>
  </message>
  <message>
   <source>Beta</source>
   <translation>Beta</translation>
  </message>
  <message>
   <source>Alpha a year</source>
   <translation>Alpha pro Jahr</translation>
  </message>
  <message>
   <source>Correlation</source>
   <translation>Korrelation</translation>
  </message>
  <message>
   <source>Tracking error</source>
   <translation>Tracking Error</translation>
  </message>
  <message>
   <source>Information ratio</source>
   <translation>Information Ratio</translation>
  </message>
  <message>
   <source>Up capture</source>
   <translation>Up Capture</translation>
  </message>
  <message>
   <source>Down capture</source>
   <translation>Down Capture</translation>
  </message>
  <message>
   <source>Return</source>
   <translation>Rendite</translation>
  </message>
  <message>
   <source>Risk-adjusted</source>
   <translation>Risikobereinigt</translation>
  </message>
  <message>
   <source>Risk</source>
   <translation>Risiko</translation>
  </message>
  <message>
   <source>Costs and exposure</source>
   <translation>Kosten und Exposure</translation>
  </message>
  <message>
   <source>Benchmark</source>
   <translation>Benchmark</translation>
  </message>
  <message>
   <source>signal</source>
   <translation>Signal</translation>
  </message>
  <message>
   <source>stop</source>
   <translation>Stop</translation>
  </message>
  <message>
   <source>target</source>
   <translation>Ziel</translation>
  </message>
  <message>
   <source>trailing stop</source>
   <translation>Trailing-Stop</translation>
  </message>
  <message>
   <source>reverse</source>
   <translation>Gegensignal</translation>
  </message>
  <message>
   <source>end of data</source>
   <translation>Datenende</translation>
  </message>
  <message>
   <source>time stop</source>
   <translation>Zeit-Stop</translation>
  </message>
  <message>
   <source>break-even stop</source>
   <translation>Break-even-Stop</translation>
  </message>
  <message>
   <source>liquidation</source>
   <translation>Liquidation</translation>
  </message>
  <message>
   <source>delisted</source>
   <translation>Delisting</translation>
  </message>
  <message>
   <source>Monday</source>
   <translation>Montag</translation>
  </message>
  <message>
   <source>Tuesday</source>
   <translation>Dienstag</translation>
  </message>
  <message>
   <source>Wednesday</source>
   <translation>Mittwoch</translation>
  </message>
  <message>
   <source>Thursday</source>
   <translation>Donnerstag</translation>
  </message>
  <message>
   <source>Friday</source>
   <translation>Freitag</translation>
  </message>
  <message>
   <source>Saturday</source>
   <translation>Samstag</translation>
  </message>
  <message>
   <source>Sunday</source>
   <translation>Sonntag</translation>
  </message>
  <message>
   <source>idle</source>
   <translation>ruht</translation>
  </message>
  <message>
   <source>connecting</source>
   <translation>verbindet</translation>
  </message>
  <message>
   <source>subscribing</source>
   <translation>abonniert</translation>
  </message>
  <message>
   <source>stalled</source>
   <translation>hängt</translation>
  </message>
  <message>
   <source>backing off</source>
   <translation>wartet ab</translation>
  </message>
  <message>
   <source>closed</source>
   <translation>geschlossen</translation>
  </message>
 </context>
</TS>
